public import TributaryOps

extension Reduce: DifferentiableOperator {
  /// The cotangent spread over the reduced axes: whole for a sum, divided by the count for a mean, times the product of
  /// the others for a product, shared evenly among the extremes for the largest and least.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let dy = context.dy
    let kept = x.shape.keeping(reduced: axes)
    func spread(_ value: Value) -> Value { context.apply(BroadcastTo(shape: x.shape), reshaped(value, kept)) }
    switch function {
    case .sum: return [spread(dy)]
    case .mean:
      let count = axes.reduce(1) { $0 * x.shape[$1] }
      return [spread(dy / Double(count))]
    case .prod: return [productCotangent(x, reshaped(dy, kept), axes)]
    case .max, .min:
      let extreme = reshaped(context.outputs[0], kept)
      let mask = context.apply(Cast(to: x.dtype), x .== extreme)
      return [mask * (reshaped(dy, kept) / reduce(.sum, mask, axes, true))]
    }
  }
}

extension Norm: DifferentiableOperator {
  /// dy · x / ‖x‖; 0 at the zero vector, where dividing by infinity makes it so in derivatives of every order.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let y = context.outputs[0]
    let infinity = context.builder.constant(.infinity, dtype: x.dtype)
    let divisor = context.apply(Where(), y .== 0, infinity, y)
    return [x * reshaped(context.dy / divisor, x.shape.keeping(reduced: axes))]
  }
}
