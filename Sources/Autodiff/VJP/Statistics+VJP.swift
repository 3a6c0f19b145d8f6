public import TributaryOps

extension Variance: DifferentiableOperator {
  /// dy · 2(x − mean) / (n − correction).
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let scaled = context.dy * (2 / divisor(for: x.shape))
    let centred = x - reduce(.mean, x, axes, true)
    return [centred * reshaped(scaled, x.shape.keeping(reduced: axes))]
  }
}

extension CumulativeSum: DifferentiableOperator {
  /// The running sum of the cotangent from the other end.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.apply(CumulativeSum(axis: axis, reversed: !reversed), context.dy)]
  }
}
