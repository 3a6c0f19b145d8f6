internal import TributaryOps

/// An operand or an intermediate result of an Einstein sum: a value with a label for each axis.
struct EinsumTerm {
  typealias Label = EinsumEquation.Label

  private(set) var value: Value
  private(set) var labels: [Label]

  private let site: SourceSite

  /// An operand, with the diagonal taken where a label occurs twice, and without axes of length 1: to stretch one is the
  /// same as not to have it.
  init(_ operand: Value, _ labels: [Label], _ site: SourceSite) throws(ShapeError) {
    (value, self.labels, self.site) = (operand, labels, site)
    while let second = self.labels.indices.first(where: { self.labels[..<$0].contains(self.labels[$0]) }) {
      try takeDiagonal(second)
    }
    reshape(to: self.labels.indices.filter { value.shape[$0] != 1 }.map { self.labels[$0] })
  }

  private init(_ value: Value, _ labels: [Label], sum site: SourceSite) {
    (self.value, self.labels, self.site) = (value, labels, site)
  }

  private var lengths: [Label: Int] {
    Dictionary(zip(labels, value.shape.dimensions), uniquingKeysWith: { first, _ in first })
  }

  /// The number of elements.
  var size: Double { value.shape.reduce(1) { $0 * Double($1) } }

  /// Replaces two axes of one label by one axis, the last, in which both indices are equal.
  private mutating func takeDiagonal(_ second: Int) throws(ShapeError) {
    let label = labels[second]
    let first = labels.firstIndex(of: label) ?? second
    let length = value.shape[first]
    guard value.shape[second] == length else {
      throw ShapeError(
        .dimension,
        "\(EinsumEquation.name(label)) occurs twice in an operand, for axes of lengths \(length) and"
          + " \(value.shape[second]); a diagonal needs equal ones")
    }
    let others = labels.indices.filter { $0 != first && $0 != second }
    let turned = transposed(value, others + [first, second])
    let shape = others.map { value.shape[$0] }
    let flat = reshaped(turned, Shape(shape + [length * length]), site)
    let stops: [Int?] = [Int?](repeating: nil, count: shape.count)
    // Of an empty matrix the step does not matter.
    let steps = stops.map { _ in Int?.some(1) } + [length + 1]
    value = slice(flat, starts: stops + [nil], stops: stops + [nil], steps: steps)
    labels = others.map { labels[$0] } + [label]
  }

  private func transposed(_ x: Value, _ permutation: [Int]) -> Value {
    permutation == Array(permutation.indices)
      ? x : x.builder.emit(Transpose(permutation: permutation), [x], site)
  }

  /// Keeps some labels, in their order; the axes of the others have length 1.
  private mutating func reshape(to kept: [Label]) {
    let known = lengths
    value = reshaped(value, Shape(kept.map { known[$0] ?? 1 }), site)
    labels = kept
  }

  /// Sums over the labels that are not wanted.
  mutating func sum(keeping wanted: Set<Label>) {
    let axes = labels.indices.filter { !wanted.contains(labels[$0]) }
    guard !axes.isEmpty else { return }
    value = reduce(.sum, value, axes, false, site)
    labels = labels.filter(wanted.contains)
  }

  /// The value with its axes in an order of labels, those that it lacks having length 1.
  func arranged(_ order: [Label]) -> Value {
    let known = lengths
    let own = order.filter { known[$0] != nil }
    let turned = transposed(value, own.map { label in labels.firstIndex(of: label) ?? 0 })
    return reshaped(turned, Shape(order.map { known[$0] ?? 1 }), site)
  }

  /// The product of two terms, summed over the labels that are in both and not wanted.
  ///
  /// Element by element where one of them has no label of its own, else as one batched product of matrices.
  func multiplied(by other: EinsumTerm, keeping wanted: Set<Label>) -> EinsumTerm {
    let shared = labels.filter(other.labels.contains)
    let batch = shared.filter(wanted.contains)
    let summed = shared.filter { !wanted.contains($0) }
    let left = labels.filter { !other.labels.contains($0) }
    let right = other.labels.filter { !labels.contains($0) }
    let isBroadcast = summed.isEmpty && (left.isEmpty || right.isEmpty)
    if isBroadcast || (left.isEmpty && right.isEmpty && !batch.isEmpty) {
      let order = left.isEmpty ? other.labels : labels
      let product = binary(.mul, arranged(order), other.arranged(order), site)
      var result = EinsumTerm(product, order, sum: site)
      result.sum(keeping: wanted)
      return result
    }
    let (a, turnA) = matrices(batch, left, summed)
    let (b, turnB) = other.matrices(batch, summed, right)
    let product = a.builder.emit(MatMul(transposeA: turnA, transposeB: turnB), [a, b], site)
    let known = lengths.merging(other.lengths) { first, _ in first }
    let order = batch + left + right
    return EinsumTerm(reshaped(product, Shape(order.map { known[$0] ?? 1 }), site), order, sum: site)
  }

  /// The value as matrices, and whether their rows and columns are exchanged, which costs nothing.
  private func matrices(_ batch: [Label], _ rows: [Label], _ columns: [Label]) -> (Value, Bool) {
    let known = lengths
    func length(_ group: [Label]) -> Int { group.reduce(1) { $0 * (known[$1] ?? 1) } }
    let isExchanged = labels == batch + columns + rows && labels != batch + rows + columns
    let groups = isExchanged ? [columns, rows] : [rows, columns]
    let ordered = isExchanged ? value : arranged(batch + rows + columns)
    let leading = batch.isEmpty ? [] : [length(batch)]
    return (reshaped(ordered, Shape(leading + groups.map(length)), site), isExchanged)
  }
}
