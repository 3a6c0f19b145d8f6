internal import CKernels

/// What ``CrossEntropy`` and its gradient share: the attributes of the loss.
struct EntropyLoss: Sendable {
  let reduction: Reduction
  let ignoreIndex: Int?
  let labelSmoothing: Double

  var attributes: [Attribute] {
    var result = [Attribute("reduction", reduction.rawValue)]
    if let ignoreIndex { result.append(Attribute("ignore_index", ignoreIndex)) }
    if labelSmoothing != 0 { result.append(Attribute("label_smoothing", labelSmoothing)) }
    return result
  }

  func check(logits: TensorType, classes: TensorType, operator op: some Operator) throws(ShapeError) {
    try op.expectFloatingPoint(logits)
    try op.expectIndices(classes)
    guard logits.rank >= 2 else {
      throw ShapeError(
        .rank, "\(op.name): the logits must be [batch, classes, ...] and were given as \(logits)")
    }
    var expected = Array(logits.shape)
    expected.remove(at: 1)
    guard classes.shape == Shape(expected) else {
      throw ShapeError(
        .dimension,
        "\(op.name): logits \(logits) must have class numbers of shape \(Shape(expected)), not \(classes)")
    }
    guard labelSmoothing >= 0, labelSmoothing <= 1 else {
      throw ShapeError(.attribute, "\(op.name): a label smoothing of \(labelSmoothing) is not in 0...1")
    }
  }

  func parameters(_ logits: TensorType, _ classes: TensorType, batch: Range<Int>) -> ck_entropy {
    ck_entropy(
      begin: batch.lowerBound, end: batch.upperBound, classes: logits.shape[1],
      inner: logits.shape.dropFirst(2).reduce(1, *), wide: classes.dtype == .int64 ? 1 : 0,
      ignoring: ignoreIndex == nil ? 0 : 1, ignored: Int64(ignoreIndex ?? 0),
      smoothing: labelSmoothing)
  }
}
