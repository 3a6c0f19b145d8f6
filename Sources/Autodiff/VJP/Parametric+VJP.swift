public import TributaryOps

extension Parametric: DifferentiableOperator {
  /// dy · f′(x), in one operator; nothing through integers.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.apply(ParametricGradient(function), context.dy, context.inputs[0])]
  }
}

/// ``DifferentiableOperator``: g(dy, x) = dy · f′(x) is linear in dy.
extension ParametricGradient: DifferentiableOperator {
  /// With cotangent c: g(c, x) for dy; c · dy · f″(x) for x, which is 0 but for the exponential branch of elu.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let c = context.dy
    let x = context.inputs[1]
    return [
      context.when(0) { context.apply(self, c, x) },
      context.when(1) {
        guard case .elu(let alpha, let scale) = function else { return context.builder.zeros(x.type) }
        let zero = context.builder.constant(0, dtype: x.dtype)
        let slope = unary(.exp, binary(.minimum, x, zero)) * (alpha * scale)
        return (c * context.inputs[0]) * context.apply(Where(), x .> 0, zero, slope)
      },
    ]
  }
}
