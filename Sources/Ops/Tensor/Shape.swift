/// The lengths of a tensor's axes, outermost first; stored inline, so a shape is copied without reference counting.
///
/// A shape made from a caller's numbers may be impossible (a negative length, more than ``maximumRank`` axes,
/// more elements than an `Int` counts). It is never a trap: ``validate()`` says what is wrong, and graphs and
/// tensors call it before they use a shape.
public struct Shape: Hashable, Sendable {
  /// The largest number of axes.
  public static let maximumRank = 8

  /// The lengths, and zeros behind them. Not a vector: that would align shapes, and every array of types, to 64 bytes.
  private var lengths: InlineArray<8, Int>

  /// The number of axes; 0 for a scalar.
  public private(set) var rank: Int

  /// A shape with the given lengths.
  public init(_ dimensions: some Sequence<Int>) {
    lengths = InlineArray(repeating: 0)
    rank = 0
    for length in dimensions {
      if rank < Shape.maximumRank { lengths[rank] = length }
      rank += 1
    }
  }

  /// The shape of a scalar.
  public static let scalar = Shape([])

  /// The lengths as an array.
  public var dimensions: [Int] { Array(self) }

  /// The number of elements: the product of the lengths, 1 for a scalar.
  public var elementCount: Int {
    var count = 1
    for axis in 0..<Swift.min(rank, Shape.maximumRank) { count &*= lengths[axis] }
    return count
  }

  /// Row-major strides, in elements.
  public var strides: [Int] {
    var result = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      result[axis] = result[axis + 1] &* lengths[axis + 1]
    }
    return result
  }

  /// Throws when the shape is impossible.
  /// - Throws: `ShapeError` naming the negative length, the rank or the overflow.
  public func validate() throws(ShapeError) {
    guard rank <= Shape.maximumRank else {
      throw ShapeError(.rank, "a shape has \(rank) axes; at most \(Shape.maximumRank) are supported")
    }
    var count = 1
    for axis in 0..<rank {
      guard lengths[axis] >= 0 else {
        throw ShapeError(
          .dimension, "axis \(axis) of \(self) has the negative length \(lengths[axis]); give 0 or more")
      }
      // Zero-length axes do not excuse the others from being representable.
      let (product, overflow) = count.multipliedReportingOverflow(by: Swift.max(lengths[axis], 1))
      guard !overflow, product <= Int.max / 16 else {
        throw ShapeError(.overflow, "\(self) has more elements than can be addressed")
      }
      count = product
    }
  }

  /// The axis that `axis` names, counting from the end when negative; nil when out of range.
  public func normalized(axis: Int) -> Int? {
    let resolved = axis < 0 ? axis + rank : axis
    return resolved >= 0 && resolved < rank ? resolved : nil
  }

  /// The shape that NumPy's broadcasting gives `self` and `other`; nil where they do not fit.
  public func broadcast(with other: Shape) -> Shape? {
    let rank = Swift.max(self.rank, other.rank)
    var result = [Int](repeating: 1, count: rank)
    for axis in 0..<rank {
      let a = axis - (rank - self.rank)
      let b = axis - (rank - other.rank)
      let x = a >= 0 ? self[a] : 1
      let y = b >= 0 ? other[b] : 1
      guard x == y || x == 1 || y == 1 else { return nil }
      result[axis] = x == 1 ? y : x
    }
    return Shape(result)
  }
}

extension Shape {
  /// Whether rank and lengths are equal.
  public static func == (a: Shape, b: Shape) -> Bool {
    guard a.rank == b.rank else { return false }
    for axis in 0..<a.endIndex where a.lengths[axis] != b.lengths[axis] { return false }
    return true
  }

  /// Hashes rank and lengths.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    for axis in 0..<endIndex { hasher.combine(lengths[axis]) }
  }
}

extension Shape: RandomAccessCollection, MutableCollection {
  /// The first axis.
  public var startIndex: Int { 0 }

  /// One past the last axis.
  public var endIndex: Int { Swift.min(rank, Shape.maximumRank) }

  /// The length of an axis.
  public subscript(axis: Int) -> Int {
    get {
      precondition(axis >= 0 && axis < endIndex, "axis out of range")
      return lengths[axis]
    }
    set {
      precondition(axis >= 0 && axis < endIndex, "axis out of range")
      lengths[axis] = newValue
    }
  }
}

extension Shape: ExpressibleByArrayLiteral {
  /// A shape written as `[128, 784]`.
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
  /// `[128, 784]`; `[]` for a scalar.
  public var description: String { "[" + map(String.init).joined(separator: ", ") + "]" }
}
