internal import CKernels

/// What ``CrossEntropy`` and its gradient share.
struct EntropyLoss {
  private let loss: CrossEntropy

  init(_ loss: CrossEntropy) { self.loss = loss }

  var attributes: [Attribute] {
    var result = [Attribute("reduction", loss.reduction.rawValue)]
    if let index = loss.ignoreIndex { result.append(Attribute("ignore_index", index)) }
    if loss.labelSmoothing != 0 { result.append(Attribute("label_smoothing", loss.labelSmoothing)) }
    return result
  }

  func check(logits: TensorType, classes: TensorType, operator op: some Operator) throws(ShapeError) {
    try op.expectFloatingPoint(logits)
    try op.expectIndices(classes)
    guard logits.rank >= 2 else {
      throw ShapeError(.rank, "\(op.name): the logits are [batch, classes, ...] and were given as \(logits)")
    }
    var expected = Array(logits.shape)
    expected.remove(at: 1)
    guard classes.shape == Shape(expected) else {
      throw ShapeError(
        .dimension,
        "\(op.name): logits \(logits) need class numbers of shape \(Shape(expected)), not \(classes)")
    }
    guard loss.labelSmoothing >= 0, loss.labelSmoothing <= 1 else {
      throw ShapeError(.attribute, "\(op.name): a label smoothing of \(loss.labelSmoothing) is not in 0...1")
    }
  }

  func parameters(_ logits: TensorType, _ classes: TensorType, batch: Range<Int>) -> ck_entropy {
    ck_entropy(
      begin: batch.lowerBound, end: batch.upperBound, classes: logits.shape[1],
      inner: logits.shape.dropFirst(2).reduce(1, *), wide: classes.dtype == .int64 ? 1 : 0,
      ignoring: loss.ignoreIndex == nil ? 0 : 1, ignored: Int64(loss.ignoreIndex ?? 0),
      smoothing: loss.labelSmoothing)
  }
}
