internal import TributaryOps

// Arithmetic with NumPy's broadcasting. Operators cannot be told the caller's source line: errors name the lines of
// their operands.

extension Value {
  /// −x, element by element.
  public static prefix func - (x: Value) -> Value { unary(.neg, x) }

  /// a + b, element by element.
  public static func + (a: Value, b: Value) -> Value { binary(.add, a, b) }

  /// a + b with a number of a's element type.
  public static func + (a: Value, b: Double) -> Value { binary(.add, a, b) }

  /// a + b with a number of b's element type.
  public static func + (a: Double, b: Value) -> Value { binary(.add, a, b) }

  /// a − b, element by element.
  public static func - (a: Value, b: Value) -> Value { binary(.sub, a, b) }

  /// a − b with a number of a's element type.
  public static func - (a: Value, b: Double) -> Value { binary(.sub, a, b) }

  /// a − b with a number of b's element type.
  public static func - (a: Double, b: Value) -> Value { binary(.sub, a, b) }

  /// a · b, element by element (see ``matmul(_:_:transposeA:transposeB:file:line:)`` for products of matrices).
  public static func * (a: Value, b: Value) -> Value { binary(.mul, a, b) }

  /// a · b with a number of a's element type.
  public static func * (a: Value, b: Double) -> Value { binary(.mul, a, b) }

  /// a · b with a number of b's element type.
  public static func * (a: Double, b: Value) -> Value { binary(.mul, a, b) }

  /// a / b, element by element.
  public static func / (a: Value, b: Value) -> Value { binary(.div, a, b) }

  /// a / b with a number of a's element type.
  public static func / (a: Value, b: Double) -> Value { binary(.div, a, b) }

  /// a / b with a number of b's element type.
  public static func / (a: Double, b: Value) -> Value { binary(.div, a, b) }
}
