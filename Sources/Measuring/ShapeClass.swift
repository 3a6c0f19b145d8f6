/// How large the operands of a measured call are.
package enum ShapeClass: String, CaseIterable, Sendable {
  /// Some thousand elements: what a call costs beside its work.
  case small
  /// A quarter of a megabyte an operand, which the second-level cache holds.
  case cache
  /// 64 MiB an operand, which no cache holds.
  case memory

  /// A matrix of this size.
  package var matrix: [Int] {
    switch self {
    case .small: [16, 64]
    case .cache: [256, 256]
    case .memory: [16_384, 1024]
    }
  }

  /// The number of its elements.
  package var elementCount: Int { matrix[0] * matrix[1] }

  /// One of three values.
  package func pick<Value>(_ small: Value, _ cache: Value, _ memory: Value) -> Value {
    switch self {
    case .small: small
    case .cache: cache
    case .memory: memory
    }
  }
}
