internal import TributaryOps

// Functions of two values with NumPy's broadcasting: shapes are aligned at their last axes, and an axis of length 1 is
// stretched. Both operands have one element type; a number takes that of the other operand.

/// The larger of two values, element by element; where they are equal each operand gets half the cotangent.
public func maximum(_ a: Value, _ b: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  binary(.maximum, a, b, SourceSite(file, line))
}

/// The larger of a value and a number, element by element.
public func maximum(_ a: Value, _ b: Double, file: StaticString = #fileID, line: UInt = #line) -> Value {
  binary(.maximum, a, b, SourceSite(file, line))
}

/// The smaller of two values, element by element; where they are equal each operand gets half the cotangent.
public func minimum(_ a: Value, _ b: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  binary(.minimum, a, b, SourceSite(file, line))
}

/// The smaller of a value and a number, element by element.
public func minimum(_ a: Value, _ b: Double, file: StaticString = #fileID, line: UInt = #line) -> Value {
  binary(.minimum, a, b, SourceSite(file, line))
}

/// xʸ, element by element; NaN for a negative base with an exponent that is not whole.
public func pow(_ x: Value, _ y: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  binary(.pow, x, y, SourceSite(file, line))
}

/// xᶜ, element by element, with a cheaper operator for the exponents −1, −½, 0, ½, 1 and 2.
public func pow(_ x: Value, _ exponent: Double, file: StaticString = #fileID, line: UInt = #line) -> Value {
  let site = SourceSite(file, line)
  switch exponent {
  case -1: return unary(.reciprocal, x, site)
  case -0.5: return unary(.rsqrt, x, site)
  case 0:
    guard x.builder.accepts([x], "pow", site: site) else { return x.builder.poisoned() }
    return x.builder.emit(Fill(type: x.type, value: 1), [], site)
  case 0.5: return unary(.sqrt, x, site)
  case 1: return x
  case 2: return unary(.square, x, site)
  default: return binary(.pow, x, exponent, site)
  }
}

/// `a` where the condition holds, `b` elsewhere.
///
/// - Parameters:
///   - condition: bool, broadcast with the others.
///   - a: any element type.
///   - b: of `a`'s element type.
public func select(
  _ condition: Value, _ a: Value, _ b: Value, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  condition.builder.emit(Where(), [condition, a, b], SourceSite(file, line))
}

func binary(_ function: BinaryFunction, _ a: Value, _ b: Value, _ site: SourceSite = .unknown) -> Value {
  a.builder.emit(Binary(function), [a, b], site)
}

func binary(_ function: BinaryFunction, _ a: Value, _ b: Double, _ site: SourceSite = .unknown) -> Value {
  if a.isPoisoned { return a }
  return binary(function, a, a.builder.constant(b, dtype: a.dtype, site: site), site)
}

func binary(_ function: BinaryFunction, _ a: Double, _ b: Value, _ site: SourceSite = .unknown) -> Value {
  if b.isPoisoned { return b }
  return binary(function, b.builder.constant(a, dtype: b.dtype, site: site), b, site)
}
