/// Which elements are normalised together, and to what.
public enum RowNormalization: Hashable, Sendable {
  /// The last `rank` axes, to mean 0 and variance 1: layer normalisation (Ba, Kiros and Hinton 2016).
  case layer(rank: Int)

  /// The last `rank` axes, to a mean square of 1: root mean square normalisation (Zhang and Sennrich 2019).
  case rootMeanSquare(rank: Int)

  /// Axis 1 in so many groups of channels, each with all axes that follow, to mean 0 and variance 1: group
  /// normalisation (Wu and He 2018).
  case group(count: Int)

  /// Whether the mean is subtracted.
  public var isCentred: Bool {
    if case .rootMeanSquare = self { false } else { true }
  }

  /// `layer_norm`, `rms_norm` or `group_norm`.
  var name: String {
    switch self {
    case .layer: "layer_norm"
    case .rootMeanSquare: "rms_norm"
    case .group: "group_norm"
    }
  }

  var attribute: Attribute {
    switch self {
    case .layer(let rank), .rootMeanSquare(let rank): Attribute("normalized_rank", rank)
    case .group(let count): Attribute("groups", count)
    }
  }
}

extension Operator {
  /// How the elements of an input are normalised.
  func layout(_ kind: RowNormalization, _ input: TensorType) throws(ShapeError) -> RowLayout {
    try expectFloatingPoint(input)
    let shape = input.shape
    switch kind {
    case .layer(let rank), .rootMeanSquare(let rank):
      guard rank >= 1, rank <= shape.rank else {
        throw ShapeError(
          .attribute,
          "\(name): the last \(rank) axes of \(input) cannot be normalised; give 1 to \(shape.rank) of its axes"
        )
      }
    case .group(let count):
      guard shape.rank >= 2 else {
        throw ShapeError(.rank, "\(name) takes [N, C, ...] and was given \(input)")
      }
      guard count >= 1, shape[1] % count == 0 else {
        throw ShapeError(
          .attribute,
          "\(name): the \(shape[1]) channels of \(input) must be cut into groups of one length, and not \(count)"
        )
      }
    }
    let layout = RowLayout(kind, shape)
    guard layout.length > 0 || layout.statistics.elementCount == 0 else {
      throw ShapeError(.dimension, "\(name): there are no elements in the rows of \(input) to take a mean of")
    }
    return layout
  }

  /// A variance's addend: a number that is not negative.
  func expectEpsilon(_ epsilon: Double) throws(ShapeError) {
    guard epsilon >= 0, epsilon.isFinite else {
      throw ShapeError(.attribute, "\(name): epsilon is \(epsilon); it must be finite and not negative")
    }
  }
}

/// The rows of elements that are normalised together, which lie one after the other in memory.
///
/// Rows are counted within the indices of an outer axis: `outer` × `rows` of them, each of `segments` × `inner` elements,
/// a segment sharing a weight. The work may be cut along the outer axis and along the axis that the rows follow.
public struct RowLayout: Sendable {
  /// The shape of the rows' means.
  public let statistics: Shape

  /// The shape of the weights.
  public let weights: Shape

  /// How often the rows' weights repeat within `rows`.
  public let groups: Int

  /// The weights of a row.
  public let segments: Int

  /// The elements of a weight in a row.
  public let inner: Int

  /// The rows for one outer index.
  public let rows: Int

  /// How often these follow each other.
  public let outer: Int

  /// How many rows add up to one row of partial weight gradients, so that cuts never change the order of additions.
  public let chunk: Int

  // Where the rows come from: indices of the row axis, a fraction or a multiple of a row each, and how many outer
  // indices an index of axis 0 stands for.
  private let rowAxis: Int
  private let rowsPerIndex: Int
  private let indicesPerRow: Int
  private let outerPerIndex: Int

  /// About so many rows make a chunk: the sums are written once for so many rows read.
  private static let chunkRows = 64

  init(_ kind: RowNormalization, _ shape: Shape) {
    switch kind {
    case .layer(let rank), .rootMeanSquare(let rank):
      let leading = shape.rank - rank
      statistics = Shape(shape.prefix(leading))
      weights = Shape(shape.suffix(rank))
      (groups, segments, inner) = (1, weights.elementCount, 1)
      func following(_ axis: Int) -> Int { shape[(axis + 1)..<leading].reduce(1, *) }
      let axis = (0..<leading).first { following($0) < RowLayout.chunkRows } ?? 0
      rowAxis = axis
      rowsPerIndex = leading == 0 ? 1 : following(axis)
      indicesPerRow = 1
      outer = shape[..<axis].reduce(1, *)
      outerPerIndex = axis == 0 ? 1 : shape[1..<axis].reduce(1, *)
      let length = leading == 0 ? 1 : shape[axis]
      rows = length * rowsPerIndex
      // Chunks of about equal length that end where an index ends.
      let most = Swift.max(RowLayout.chunkRows / Swift.max(rowsPerIndex, 1), 1)
      let chunks = Swift.max((length + most - 1) / most, 1)
      chunk = Swift.max((length + chunks - 1) / chunks * rowsPerIndex, 1)
    case .group(let count):
      statistics = [shape[0], count]
      weights = [shape[1]]
      (groups, segments) = (count, shape[1] / count)
      inner = shape.dropFirst(2).reduce(1, *)
      (outer, rows, chunk) = (shape[0], count, 1)
      (rowAxis, rowsPerIndex, indicesPerRow, outerPerIndex) = (1, 1, segments, 1)
    }
  }

  /// The elements of a row.
  public var length: Int { segments * inner }

  /// The shape of partial weight gradients: [outer, chunks, segments].
  public var partials: Shape { [outer, (rows + chunk - 1) / chunk, segments] }

  /// The part of `outer` that a region covers.
  func outerRange(_ region: Region) -> Range<Int> {
    guard rowAxis > 0 else { return 0..<outer }
    return region[0].lowerBound * outerPerIndex..<region[0].upperBound * outerPerIndex
  }

  /// The part of `rows` that a region covers.
  func rowRange(_ region: Region) -> Range<Int> {
    guard statistics.rank > 0 else { return 0..<rows }
    let range = region[rowAxis]
    guard indicesPerRow > 0 else { return 0..<rows }
    return range.lowerBound * rowsPerIndex / indicesPerRow..<range.upperBound * rowsPerIndex / indicesPerRow
  }

  /// The axes that may be cut, where rows must stay whole, or their chunks too.
  func splitAxes(_ shape: Shape, keepingChunks: Bool) -> [SplitAxis] {
    guard statistics.rank > 0 else { return [] }
    let multiple = keepingChunks ? Swift.max(chunk / Swift.max(rowsPerIndex, 1), 1) : 1
    let along = SplitAxis(rowAxis, multiple: multiple * Swift.max(indicesPerRow, 1))
    let axes = rowAxis > 0 ? [SplitAxis(0), along] : [along]
    return axes.filter { shape[$0.axis] > $0.multiple }
  }

  /// The means of the rows in a region.
  func statisticsRegion(_ region: Region) -> Region {
    var result = Region(whole: statistics)
    for axis in 0..<statistics.rank { result[axis] = region[axis] }
    if indicesPerRow > 1 { result[rowAxis] = rowRange(region) }
    return result
  }

  /// The partial weight gradients of the rows in a region.
  func partialsRegion(_ region: Region) -> Region {
    let range = rowRange(region)
    return Region(whole: partials)
      .replacing(axis: 0, with: outerRange(region))
      .replacing(axis: 1, with: range.lowerBound / chunk..<(range.upperBound + chunk - 1) / chunk)
  }
}
