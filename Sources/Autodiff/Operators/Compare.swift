internal import TributaryOps

// Comparisons, element by element with NumPy's broadcasting; the result is bool, and nothing is differentiated through
// it. Comparisons with NaN are false, but for "not equal".

extension Value {
  /// Where a is equal to b.
  public static func .== (a: Value, b: Value) -> Value { compare(.equal, a, b) }

  /// Where a is equal to a number.
  public static func .== (a: Value, b: Double) -> Value { compare(.equal, a, b) }

  /// Where a is different from b.
  public static func .!= (a: Value, b: Value) -> Value { compare(.notEqual, a, b) }

  /// Where a is different from a number.
  public static func .!= (a: Value, b: Double) -> Value { compare(.notEqual, a, b) }

  /// Where a is less than b.
  public static func .< (a: Value, b: Value) -> Value { compare(.less, a, b) }

  /// Where a is less than a number.
  public static func .< (a: Value, b: Double) -> Value { compare(.less, a, b) }

  /// Where a is less or equal to b.
  public static func .<= (a: Value, b: Value) -> Value { compare(.lessEqual, a, b) }

  /// Where a is less or equal to a number.
  public static func .<= (a: Value, b: Double) -> Value { compare(.lessEqual, a, b) }

  /// Where a is greater than b.
  public static func .> (a: Value, b: Value) -> Value { compare(.greater, a, b) }

  /// Where a is greater than a number.
  public static func .> (a: Value, b: Double) -> Value { compare(.greater, a, b) }

  /// Where a is greater or equal to b.
  public static func .>= (a: Value, b: Value) -> Value { compare(.greaterEqual, a, b) }

  /// Where a is greater or equal to a number.
  public static func .>= (a: Value, b: Double) -> Value { compare(.greaterEqual, a, b) }
}

/// Where both conditions hold; bool operands, broadcast.
public func logicalAnd(_ a: Value, _ b: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  a.builder.emit(Logical(.and), [a, b], SourceSite(file, line))
}

/// Where at least one of the conditions holds; bool operands, broadcast.
public func logicalOr(_ a: Value, _ b: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  a.builder.emit(Logical(.or), [a, b], SourceSite(file, line))
}

/// Where exactly one of the conditions holds; bool operands, broadcast.
public func logicalXor(_ a: Value, _ b: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  a.builder.emit(Logical(.xor), [a, b], SourceSite(file, line))
}

/// Where the condition does not hold; a bool operand.
public func logicalNot(_ a: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  a.builder.emit(Logical(.not), [a], SourceSite(file, line))
}

func compare(_ comparison: Comparison, _ a: Value, _ b: Value) -> Value {
  a.builder.emit(Compare(comparison), [a, b])
}

func compare(_ comparison: Comparison, _ a: Value, _ b: Double) -> Value {
  if a.isPoisoned { return a }
  return compare(comparison, a, a.builder.constant(b, dtype: a.dtype))
}
