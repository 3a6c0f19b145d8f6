public import TributaryOps

extension CrossEntropy: DifferentiableOperator {
  /// The probabilities less the targets, weighted by the cotangent, in one operator.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let gradient = CrossEntropyGradient(
      reduction: reduction, ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing)
    return [context.apply(gradient, context.dy, context.inputs[0], context.inputs[1]), nil]
  }
}

/// ``DifferentiableOperator``: g = w·(softmax(logits) − target) is linear in its cotangent input and, with the targets
/// adding up to 1, has the softmax's Jacobian in the logits.
extension CrossEntropyGradient: DifferentiableOperator {
  /// With cotangent c: Σ c·g₁ for the cotangent input, g₁ being the gradient for a cotangent of one; w·J(c) for the
  /// logits.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let cotangent = context.inputs[0]
    let logits = context.inputs[1]
    let classes = context.inputs[2]
    let c = context.dy
    return [
      context.when(0) {
        let one = context.apply(Fill(type: cotangent.type, value: 1))
        let unit = context.apply(self, one, logits, classes)
        return reduce(.sum, c * unit, cotangent.rank == 0 ? nil : [1], false)
      },
      context.when(1) {
        let jacobian = context.apply(
          SoftmaxGradient(axis: 1), c, context.apply(Softmax(axis: 1), logits))
        return jacobian * weight(context, cotangent, logits, classes)
      },
      nil,
    ]
  }

  /// How much each element counts, `[N, 1, …]` or a scalar: its cotangent, divided by the number kept for a mean, 0 where
  /// it is ignored.
  private func weight(_ context: VJPContext, _ cotangent: Value, _ logits: Value, _ classes: Value) -> Value {
    let column = classes.shape.inserting(axis: 1)
    let scale = cotangent.rank == 0 ? cotangent : reshaped(cotangent, column)
    guard let ignoreIndex else {
      return reduction == .mean ? scale / Double(classes.type.elementCount) : scale
    }
    let mask = context.apply(Cast(to: logits.dtype), compare(.notEqual, classes, Double(ignoreIndex)))
    let kept = reduction == .mean ? scale / reduce(.sum, mask, nil, false) : scale
    return kept * reshaped(mask, column)
  }
}
