/// A pair of lengths in the plane of an image, height before width: of a kernel, a stride, a padding.
///
/// An integer literal stands for the same length in both axes: `stride: 2`.
public struct Size2D: Hashable, Sendable {
  /// The length from top to bottom.
  public var height: Int

  /// The length from left to right.
  public var width: Int

  /// A height and a width.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// The lengths in order, for loops over the axes.
  var lengths: [Int] { [height, width] }

  /// The lengths as C kernels take them.
  var pair: (Int, Int) { (height, width) }
}

extension Size2D: ExpressibleByIntegerLiteral {
  /// The same length in both axes.
  public init(integerLiteral value: Int) { self.init(value, value) }
}

extension Size2D: CustomStringConvertible {
  /// `3×5`.
  public var description: String { "\(height)×\(width)" }
}
