/// A box of elements within a tensor: one range of indices an axis.
///
/// Regions say which part of a value a shard writes and which parts of its inputs it reads; where two regions of
/// one value overlap, the planner orders the tasks. Stored inline.
public struct Region: Hashable, Sendable {
  private var lower: InlineArray<8, Int>
  private var upper: InlineArray<8, Int>

  /// The number of axes.
  public let rank: Int

  /// The whole of a tensor of the given shape.
  public init(whole shape: Shape) {
    rank = shape.rank
    lower = InlineArray(repeating: 0)
    upper = InlineArray(repeating: 0)
    for axis in 0..<rank { upper[axis] = shape[axis] }
  }

  /// The range of indices of an axis.
  public subscript(axis: Int) -> Range<Int> {
    get { lower[axis]..<upper[axis] }
    set {
      lower[axis] = newValue.lowerBound
      upper[axis] = newValue.upperBound
    }
  }

  /// The number of elements.
  public var elementCount: Int {
    var count = 1
    for axis in 0..<rank { count *= upper[axis] - lower[axis] }
    return count
  }

  /// The lengths of the box.
  public var shape: Shape { Shape((0..<rank).lazy.map { upper[$0] - lower[$0] }) }

  /// Whether two regions of one value share an element.
  public func overlaps(_ other: Region) -> Bool {
    for axis in 0..<rank where !(lower[axis] < other.upper[axis] && other.lower[axis] < upper[axis]) {
      return false
    }
    return elementCount > 0 && other.elementCount > 0
  }

  /// Whether the region covers a tensor of the given shape.
  public func isWhole(_ shape: Shape) -> Bool { self == Region(whole: shape) }

  /// This region with the range of one axis replaced.
  public func replacing(axis: Int, with range: Range<Int>) -> Region {
    var copy = self
    copy[axis] = range
    return copy
  }

  /// Calls `body` with each contiguous run of elements, in row-major order: offset and length, in elements.
  public func forEachRun(in shape: Shape, _ body: (_ offset: Int, _ length: Int) -> Void) {
    guard elementCount > 0 else { return }
    let strides = shape.strides
    // The trailing axes that are covered wholly belong to one run, and so does the axis before them.
    var runAxis = rank
    while runAxis > 0, lower[runAxis - 1] == 0, upper[runAxis - 1] == shape[runAxis - 1] { runAxis -= 1 }
    runAxis = Swift.max(runAxis - 1, 0)
    var length = 1
    for axis in runAxis..<rank { length *= upper[axis] - lower[axis] }
    func walk(_ axis: Int, _ offset: Int) {
      if axis == runAxis {
        body(rank == 0 ? offset : offset + lower[axis] * strides[axis], length)
        return
      }
      for index in lower[axis]..<upper[axis] { walk(axis + 1, offset + index * strides[axis]) }
    }
    walk(0, 0)
  }
}

extension Region {
  /// Whether the ranges of all axes are equal.
  public static func == (a: Region, b: Region) -> Bool {
    guard a.rank == b.rank else { return false }
    for axis in 0..<a.rank where a.lower[axis] != b.lower[axis] || a.upper[axis] != b.upper[axis] {
      return false
    }
    return true
  }

  /// Hashes the ranges of all axes.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    for axis in 0..<rank {
      hasher.combine(lower[axis])
      hasher.combine(upper[axis])
    }
  }
}

extension Region: CustomStringConvertible {
  /// `[0..<64, 128..<256]`.
  public var description: String {
    "[" + (0..<rank).map { "\(lower[$0])..<\(upper[$0])" }.joined(separator: ", ") + "]"
  }
}
