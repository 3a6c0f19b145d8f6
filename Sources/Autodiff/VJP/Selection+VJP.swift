public import TributaryOps

extension Where: DifferentiableOperator {
  /// The cotangent goes to the operand that was taken.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let condition = context.inputs[0]
    let zero = context.builder.constant(0, dtype: context.dy.dtype)
    return [
      nil,
      context.when(1) { context.unbroadcast(context.apply(Where(), condition, context.dy, zero), to: 1) },
      context.when(2) { context.unbroadcast(context.apply(Where(), condition, zero, context.dy), to: 2) },
    ]
  }
}

extension Cast: DifferentiableOperator {
  /// The cotangent in the operand's element type; nothing through integers and masks.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    guard x.dtype.isFloatingPoint, context.outputs[0].dtype.isFloatingPoint else { return [nil] }
    return [context.apply(Cast(to: x.dtype), context.dy)]
  }
}

extension Accumulate: DifferentiableOperator {
  /// The cotangent of a sum goes to every term.
  public func vjp(_ context: VJPContext) -> [Value?] { context.inputs.map { _ in context.dy } }
}
