import Tributary

/// Bounds for what a forward pass and a backward pass may differ by.
struct ToleranceClass: Decodable, Sendable {
  let forward: Tolerance
  let backward: Tolerance
}

/// `|got − want| ≤ rel·|want| + abs·S + 1.2e-38`, the last term since subnormals may be flushed.
struct Tolerance: Decodable, Sendable {
  enum Scale: String, Decodable {
    /// S is the file's floor.
    case floor
    /// S is the largest finite |want| of the tensor, at least the floor.
    case max
  }

  let rel: Double
  let abs: Double
  let scale: Scale

  /// The first element that is out of bounds: where, and what was got and wanted; nil when all are within.
  func mismatch(got: Tensor, want: Tensor, floor: Double) throws -> String? {
    guard got.shape == want.shape else { return "got shape \(got.shape), want \(want.shape)" }
    if !want.dtype.isFloatingPoint {
      let (a, b) = (try got.wholeNumbers(), try want.wholeNumbers())
      return a.indices.first { a[$0] != b[$0] }.map { "[\($0)] got \(a[$0]), want \(b[$0])" }
    }
    let (a, b) = (try got.numbers(), try want.numbers())
    let finite = b.lazy.filter { Float($0).isFinite }.map { Swift.abs($0) }
    let size = scale == .max ? Swift.max(floor, finite.max() ?? 0) : floor
    return a.indices.first { !accepts(a[$0], b[$0], size) }.map { "[\($0)] got \(a[$0]), want \(b[$0])" }
  }

  private func accepts(_ got: Double, _ want: Double, _ size: Double) -> Bool {
    let rounded = Double(Float(want))
    if rounded.isNaN { return got.isNaN }
    if rounded.isInfinite { return got == rounded }
    guard got.isFinite else { return false }
    // Where no error is allowed, the answer is the expected value rounded to float32.
    let target = rel == 0 && abs == 0 ? rounded : want
    return Swift.abs(got - target) <= rel * Swift.abs(target) + abs * size + 1.2e-38
  }
}

extension Tensor {
  /// The elements of a floating-point tensor.
  func numbers() throws -> [Double] {
    dtype == .float32 ? try elements(Float.self).map(Double.init) : try elements(Double.self)
  }

  /// The elements of an integer or boolean tensor.
  func wholeNumbers() throws -> [Int] {
    switch dtype {
    case .int32: try elements(Int32.self).map(Int.init)
    case .bool: try elements(Bool.self).map { $0 ? 1 : 0 }
    default: try elements(Int64.self).map(Int.init)
    }
  }
}
