public import TributaryOps

/// ``DifferentiableOperator``: the second operand of the differences has the opposite slope; the targets of the others
/// are constants, without a derivative.
extension PairLoss: DifferentiableOperator {
  /// dy · ∂f/∂a, and its negative for b where there is one, summed over the axes along which an operand was broadcast.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let (a, b, dy) = (context.inputs[0], context.inputs[1], context.dy)
    switch function {
    case .absolute, .huber:
      let slope = context.apply(PairLossGradient(function), dy, a, b)
      return [
        context.when(0) { context.unbroadcast(slope, to: 0) },
        context.when(1) { -context.unbroadcast(slope, to: 1) },
      ]
    case .binaryCrossEntropy:
      return [context.unbroadcast(context.apply(PairLossGradient(function), dy, a, b), to: 0), nil]
    case .divergence: return [context.unbroadcast(dy * -b, to: 0), nil]
    case .logDivergence: return [context.unbroadcast(dy * -unary(.exp, b), to: 0), nil]
    }
  }
}

/// ``DifferentiableOperator``: g(dy, a, b) = dy · s(a, b) is linear in dy.
extension PairLossGradient: DifferentiableOperator {
  /// With cotangent c: g(c, a, b) for dy; c · dy · ∂s/∂a for a, and its negative for b where the loss depends on the
  /// difference.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let (dy, a, b, c) = (context.inputs[0], context.inputs[1], context.inputs[2], context.dy)
    let first = context.when(0) { context.unbroadcast(context.apply(self, c, a, b), to: 0) }
    switch function {
    case .huber(let delta):
      let zero = context.builder.constant(0, dtype: c.dtype)
      let curved = context.apply(Where(), unary(.abs, a - b) .< delta, c * dy, zero)
      return [
        first, context.when(1) { context.unbroadcast(curved, to: 1) },
        context.when(2) { -context.unbroadcast(curved, to: 2) },
      ]
    case .binaryCrossEntropy:
      return [
        first,
        context.when(1) {
          context.unbroadcast(binary(.sigmoidGradient, c * dy, unary(.sigmoid, a)), to: 1)
        }, nil,
      ]
    case .absolute, .divergence, .logDivergence: return [first, nil, nil]
    }
  }
}
