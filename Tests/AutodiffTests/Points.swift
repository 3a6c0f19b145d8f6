import TributaryAutodiff
import TributaryOps

/// Seeded numbers, the same everywhere.
struct Numbers {
  private var state: UInt64

  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  /// A number in 0 ..< 1 (SplitMix64).
  mutating func next() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }

  /// A tensor of numbers in a range.
  mutating func tensor(_ shape: Shape, in range: ClosedRange<Double> = -1.5...1.5) throws -> Tensor {
    let elements = (0..<shape.elementCount).map { _ in
      range.lowerBound + (range.upperBound - range.lowerBound) * next()
    }
    return try Tensor(elements, shape: shape)
  }

  /// A tensor of numbers that keep a distance from 0, for functions with a kink there.
  mutating func awayFromZero(_ shape: Shape) throws -> Tensor {
    let elements = (0..<shape.elementCount).map { _ in (0.2 + next()) * (next() < 0.5 ? -1 : 1) }
    return try Tensor(elements, shape: shape)
  }

  /// A tensor of distinct numbers, far apart compared with a difference's step.
  mutating func distinct(_ shape: Shape) throws -> Tensor {
    var elements = (0..<shape.elementCount).map { Double($0) * 0.1 - 1 }
    for index in elements.indices.reversed() {
      elements.swapAt(index, Int(next() * Double(index + 1)))
    }
    return try Tensor(elements, shape: shape)
  }

  /// Indices below a bound.
  mutating func indices(_ shape: Shape, below bound: Int) throws -> Tensor {
    try Tensor((0..<shape.elementCount).map { _ in Int64(next() * Double(bound)) }, shape: shape)
  }
}
