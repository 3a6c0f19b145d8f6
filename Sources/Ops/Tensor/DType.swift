/// The element types of tensors.
///
/// `float32` and `float64` carry arithmetic; the integers carry indices and counters, `bool` carries masks.
public enum DType: UInt8, Sendable, Hashable, CaseIterable {
  case float32
  case float64
  case int32
  case int64
  case bool

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .bool: 1
    }
  }

  /// Whether arithmetic and differentiation are defined on this type.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// Whether values of this type may be used as indices.
  public var isInteger: Bool { self == .int32 || self == .int64 }
}

extension DType: CustomStringConvertible {
  /// The short name used in printed graphs: `f32`, `f64`, `i32`, `i64`, `bool`.
  public var description: String {
    switch self {
    case .float32: "f32"
    case .float64: "f64"
    case .int32: "i32"
    case .int64: "i64"
    case .bool: "bool"
    }
  }
}

/// A Swift type whose values are elements of a tensor.
public protocol TensorElement: BitwiseCopyable, Sendable, Equatable {
  /// The element type that this Swift type stands for.
  static var dtype: DType { get }
}

extension Float: TensorElement {
  /// `float32`.
  public static var dtype: DType { .float32 }
}

extension Double: TensorElement {
  /// `float64`.
  public static var dtype: DType { .float64 }
}

extension Int32: TensorElement {
  /// `int32`.
  public static var dtype: DType { .int32 }
}

extension Int64: TensorElement {
  /// `int64`.
  public static var dtype: DType { .int64 }
}

extension Bool: TensorElement {
  /// `bool`, one byte an element.
  public static var dtype: DType { .bool }
}
