public import TributaryOps

/// Cross-entropy of classes under the softmax of logits, in one pass and without overflow.
///
/// - Parameters:
///   - logits: `[N, C, …]`, f32 or f64.
///   - classes: `[N, …]`, i32 or i64 in 0 ..< C; the run ends with an error where one is not.
///   - reduction: The mean over the elements kept, the sum, or none, which gives `[N, …]`.
///   - ignoreIndex: A class whose elements have loss and gradient 0 and are not counted.
///   - labelSmoothing: s in 0 … 1: targets are (1 − s)·onehot + s/C.
public func crossEntropy(
  _ logits: Value, _ classes: Value, reduction: Reduction = .mean, ignoreIndex: Int? = nil,
  labelSmoothing: Double = 0,
  file: StaticString = #fileID, line: UInt = #line
) -> Value {
  logits.builder.emit(
    CrossEntropy(reduction: reduction, ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing),
    [logits, classes],
    SourceSite(file, line))
}

/// The negative log-likelihood: minus the log-probability of each class.
///
/// - Parameters:
///   - logProbabilities: `[N, C, …]`.
///   - classes: `[N, …]`, i32 or i64.
///   - reduction: As for ``crossEntropy(_:_:reduction:ignoreIndex:labelSmoothing:file:line:)``.
///   - ignoreIndex: As there.
public func negativeLogLikelihood(
  _ logProbabilities: Value, _ classes: Value, reduction: Reduction = .mean, ignoreIndex: Int? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  let builder = logProbabilities.builder
  guard builder.accepts([logProbabilities, classes], "nll", site: site) else { return builder.poisoned() }
  var expected = logProbabilities.shape.dimensions
  if expected.count > 1 { expected.remove(at: 1) }
  guard logProbabilities.rank >= 2, classes.shape == Shape(expected) else {
    let error = ShapeError(
      .dimension,
      "log-probabilities [N, C, …] must have classes [N, …]: \(logProbabilities.shape) does not fit \(classes.shape)"
    )
    return builder.fail(error, "nll", operands: [logProbabilities, classes], site: site)
  }
  func picked(_ ids: Value) -> Value {
    let column = reshaped(ids, ids.shape.inserting(axis: 1), site)
    let found = builder.emit(Gather(axis: 1), [logProbabilities, column], site)
    return unary(.neg, reshaped(found, ids.shape, site), site)
  }
  guard let ignoreIndex else { return reduced(picked(classes), reduction, site) }
  let isKept = compare(.notEqual, classes, Double(ignoreIndex))
  let safe = builder.emit(Where(), [isKept, classes, builder.constant(0, dtype: classes.dtype)], site)
  let mask = builder.emit(Cast(to: logProbabilities.dtype), [isKept], site)
  let losses = binary(.mul, picked(safe), mask, site)
  guard reduction == .mean else { return reduced(losses, reduction, site) }
  return binary(.div, reduce(.sum, losses, nil, false, site), reduce(.sum, mask, nil, false, site), site)
}

/// (a − b)², reduced; operands are broadcast.
public func meanSquaredError(
  _ a: Value, _ b: Value, reduction: Reduction = .mean, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  return reduced(unary(.square, binary(.sub, a, b, site), site), reduction, site)
}

/// The contrastive loss of pairs (Hadsell, Chopra and LeCun 2006): with d = √(Σ(a−b)² + epsilon),
/// `isSame`·d² + (1 − `isSame`)·max(0, margin − d)².
///
/// - Parameters:
///   - a: `[N, D]`.
///   - b: `[N, D]`.
///   - isSame: `[N]`, 1 for pairs that belong together, 0 for others, of a's element type; not differentiated.
///   - margin: The distance beyond which different pairs cost nothing.
///   - epsilon: Keeps the root differentiable at equal points.
///   - reduction: Over the N pairs.
public func contrastiveLoss(
  _ a: Value, _ b: Value, _ isSame: Value, margin: Double = 1, epsilon: Double = 1e-12,
  reduction: Reduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  let weights = stopGradient(isSame, file: file, line: line)
  let squares = reduce(.sum, unary(.square, binary(.sub, a, b, site), site), [-1], false, site)
  let squared = binary(.add, squares, epsilon, site)
  let gap = unary(.relu, binary(.sub, margin, unary(.sqrt, squared, site), site), site)
  let apart = binary(.mul, binary(.sub, 1, weights, site), unary(.square, gap, site), site)
  return reduced(binary(.add, binary(.mul, weights, squared, site), apart, site), reduction, site)
}

func reduced(_ losses: Value, _ reduction: Reduction, _ site: SourceSite) -> Value {
  switch reduction {
  case .mean: reduce(.mean, losses, nil, false, site)
  case .sum: reduce(.sum, losses, nil, false, site)
  case .none: losses
  }
}

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
