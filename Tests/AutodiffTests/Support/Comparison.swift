import TributaryOps

@testable import TributaryAutodiff

extension Tensor {
  /// The bytes.
  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

  /// The elements as doubles.
  var doubles: [Double] {
    get throws {
      switch dtype {
      case .float32: try elements(Float.self).map(Double.init)
      case .float64: try elements(Double.self)
      case .int32: try elements(Int32.self).map(Double.init)
      case .int64: try elements(Int64.self).map(Double.init)
      case .bool: try elements(Bool.self).map { $0 ? 1 : 0 }
      }
    }
  }

  /// Whether all elements agree within absolute and relative tolerance.
  func isClose(to other: Tensor, absolute: Double, relative: Double) throws -> Bool {
    guard type == other.type else { return false }
    return try zip(doubles, other.doubles).allSatisfy { a, b in
      a == b || (a - b).magnitude <= absolute + relative * b.magnitude
    }
  }
}
