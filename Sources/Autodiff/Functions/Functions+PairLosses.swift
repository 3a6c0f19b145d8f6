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
