public import TributaryOps

// Losses of pairs of elements, f32 or f64; the operands are broadcast. Each is one pass over the operands, then a
// reduction.

/// |a − b|, reduced; the derivative where they are equal is 0.
public func meanAbsoluteError(
  _ a: Value, _ b: Value, reduction: Reduction = .mean, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  pairLoss(.absolute, a, b, reduction, SourceSite(file, line))
}

/// ½d² up to a difference d = |a − b| of delta, delta·(d − ½delta) beyond, reduced (Huber 1964).
///
/// - Parameters:
///   - a: f32 or f64.
///   - b: Of the same element type; broadcast with a.
///   - delta: Where the parabola becomes a line; positive.
///   - reduction: Over all elements.
public func huberLoss(
  _ a: Value, _ b: Value, delta: Double = 1, reduction: Reduction = .mean, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  pairLoss(.huber(delta: delta), a, b, reduction, SourceSite(file, line))
}

/// The cross-entropy of independent events, −t·log p − (1 − t)·log(1 − p) with p = sigmoid(logit), computed as
/// max(x, 0) − x·t + log(1 + e^−|x|), which neither overflows nor cancels; reduced.
///
/// - Parameters:
///   - logits: x.
///   - targets: t, between 0 and 1; not differentiated.
///   - reduction: Over all elements.
public func binaryCrossEntropy(
  logits: Value, targets: Value, reduction: Reduction = .mean, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  pairLoss(.binaryCrossEntropy, logits, targets, reduction, SourceSite(file, line))
}

/// How the divergences of single elements become one.
public enum DivergenceReduction: String, Sendable, Hashable, CaseIterable {
  /// One for every element.
  case none
  /// Their sum divided by their number.
  case mean
  /// Their sum.
  case sum
  /// Their sum divided by the length of the first axis: the mean of the distributions' divergences.
  case batchMean = "batchmean"
}

/// The divergence of Kullback and Leibler, p·(log p − log q), element by element, reduced; 0 where p is.
///
/// - Parameters:
///   - logQ: The logarithms of the probabilities q, `[N, …]`.
///   - p: The probabilities of the reference, or their logarithms; not differentiated.
///   - isLogarithm: Whether `p` holds logarithms.
///   - reduction: ``DivergenceReduction/batchMean`` is the divergence as it is defined.
public func klDivergence(
  _ logQ: Value, _ p: Value, isLogarithm: Bool = false, reduction: DivergenceReduction = .batchMean,
  file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  let function: PairLossFunction = isLogarithm ? .logDivergence : .divergence
  switch reduction {
  case .none: return pairLoss(function, logQ, p, .none, site)
  case .mean: return pairLoss(function, logQ, p, .mean, site)
  case .sum: return pairLoss(function, logQ, p, .sum, site)
  case .batchMean:
    let losses = pairLoss(function, logQ, p, .none, site)
    guard !losses.isPoisoned else { return losses }
    guard losses.rank > 0 else {
      let error = ShapeError(.rank, "a scalar has no batch to take the mean of; use mean or sum")
      return losses.builder.fail(error, "kl_div", operands: [logQ, p], site: site)
    }
    let total = reduce(.sum, losses, nil, false, site)
    return binary(.div, total, Double(losses.shape[0]), site)
  }
}

private func pairLoss(
  _ function: PairLossFunction, _ a: Value, _ b: Value, _ reduction: Reduction, _ site: SourceSite
) -> Value {
  reduced(a.builder.emit(PairLoss(function), [a, b], site), reduction, site)
}

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
