internal import TributaryOps

/// An operand of a measured call: its shape and what fills it, on either side.
struct CaseInput: Sendable, Hashable {
  /// What the elements are; the generators differ, the distributions do not.
  enum Fill: String, Sendable {
    /// Spread evenly over -2 ..< 2.
    case real
    /// Spread evenly over 0.5 ..< 2.
    case positive
    /// Spread evenly over 0 ..< 1.
    case share
    /// i64 below a bound.
    case index
    /// Bool.
    case boolean
  }

  /// How the same numbers lie on PyTorch's side.
  enum Layout: String, Sendable {
    /// The same shape.
    case plain
    /// `[N, H, W, C]` here is a tensor `[N, C, H, W]` of the memory format channels_last there.
    case images
    /// `[N, W, C]` here is a contiguous `[N, C, W]` there.
    case sequences
    /// `[O, C, h, w]` on both sides, there of the memory format channels_last.
    case filters
  }

  let shape: [Int]
  let fill: Fill
  let below: Int
  let layout: Layout

  /// An operand; `below` bounds indices.
  init(_ shape: [Int], _ fill: Fill = .real, below: Int = 0, layout: Layout = .plain) {
    (self.shape, self.fill, self.below, self.layout) = (shape, fill, below, layout)
  }

  /// The type.
  var type: TensorType {
    switch fill {
    case .real, .positive, .share: TensorType(.float32, Shape(shape))
    case .index: TensorType(.int64, Shape(shape))
    case .boolean: TensorType(.bool, Shape(shape))
    }
  }

  /// A tensor filled from a seed.
  func tensor(seed: UInt64) throws -> Tensor {
    var tensor = try Tensor(zeros: type)
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func next() -> UInt64 {
      // Knuth's linear congruential generator; the high bits are the random ones.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 40
    }
    func spread(_ low: Float, _ width: Float) -> Float { low + width * Float(next()) / Float(1 << 24) }
    tensor.withUnsafeMutableBytes { bytes in
      switch fill {
      case .real: bytes.withMemoryRebound(to: Float.self) { for i in $0.indices { $0[i] = spread(-2, 4) } }
      case .positive:
        bytes.withMemoryRebound(to: Float.self) { for i in $0.indices { $0[i] = spread(0.5, 1.5) } }
      case .share: bytes.withMemoryRebound(to: Float.self) { for i in $0.indices { $0[i] = spread(0, 1) } }
      case .index:
        bytes.withMemoryRebound(to: Int64.self) {
          for i in $0.indices { $0[i] = Int64(next()) % Int64(below) }
        }
      case .boolean: for i in bytes.indices { bytes[i] = UInt8(next() & 1) }
      }
    }
    return tensor
  }
}
