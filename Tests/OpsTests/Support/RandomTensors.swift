import TributaryOps

/// A small generator for test data (SplitMix64, Steele and others 2014): the same numbers in every run.
struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Numbers in a range, evenly spread.
  mutating func tensor(_ dtype: DType, _ shape: Shape, in range: ClosedRange<Double> = -3...3) -> Tensor {
    let values = (0..<shape.elementCount).map { _ in Double.random(in: range, using: &self) }
    return Tensor(values, dtype: dtype, shape: shape)
  }

  /// Class numbers or indices.
  mutating func indices(_ dtype: DType, _ shape: Shape, below limit: Int) -> Tensor {
    let values = (0..<shape.elementCount).map { _ in Double(Int.random(in: 0..<limit, using: &self)) }
    return Tensor(values, dtype: dtype, shape: shape)
  }
}

extension Tensor {
  /// Numbers converted to an element type; bool is true where positive.
  init(_ values: [Double], dtype: DType, shape: Shape) {
    do {
      switch dtype {
      case .float32: self = try Tensor(values.map { Float($0) }, shape: shape)
      case .float64: self = try Tensor(values, shape: shape)
      case .int32: self = try Tensor(values.map { Int32($0) }, shape: shape)
      case .int64: self = try Tensor(values.map { Int64($0) }, shape: shape)
      case .bool: self = try Tensor(values.map { $0 > 0 }, shape: shape)
      }
    } catch {
      fatalError("test data: \(error)")
    }
  }

  /// The elements as doubles.
  var doubles: [Double] {
    withUnsafeBytes { bytes in
      switch dtype {
      case .float32: bytes.bindMemory(to: Float.self).map { Double($0) }
      case .float64: Array(bytes.bindMemory(to: Double.self))
      case .int32: bytes.bindMemory(to: Int32.self).map { Double($0) }
      case .int64: bytes.bindMemory(to: Int64.self).map { Double($0) }
      case .bool: bytes.bindMemory(to: UInt8.self).map { Double($0) }
      }
    }
  }

  /// The bytes, for comparing bits.
  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}

/// The distance of `got` from `want` in units of the last place of `want` rounded to float.
func ulps(_ got: Float, _ want: Double) -> Double {
  let rounded = Float(want)
  if got.isNaN && rounded.isNaN || got == rounded { return 0 }
  guard got.isFinite, rounded.isFinite else { return .infinity }
  let unit = Double(max(abs(rounded), Float.leastNormalMagnitude).ulp)
  return abs(Double(got) - want) / unit
}
