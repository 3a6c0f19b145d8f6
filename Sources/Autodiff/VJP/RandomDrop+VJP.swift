public import TributaryOps

extension RandomDrop: DifferentiableOperator {
  /// The same mask and scale, drawn again, applied to the cotangent.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.apply(self, context.dy, context.inputs[1]), nil]
  }
}
