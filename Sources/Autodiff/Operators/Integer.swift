internal import TributaryOps

// Integer division and truth values. Sums, differences and products of integers wrap around in two's complement (the
// ordinary operators take i32 and i64 too, as do `abs`, `sign`, `square`, `maximum`, `minimum`, `sum`, `max` and `min`).

/// ⌊a / b⌋ of integers, element by element; broadcast.
///
/// A divisor of 0 ends the run with an error that names the operator and the divisor's place, before any state is
/// changed. The least integer divided by −1 is itself.
/// - Parameters:
///   - a: i32 or i64.
///   - b: Of a's element type.
public func floorDivide(_ a: Value, _ b: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  a.builder.emit(IntegerDivision(.floorDivide), [a, b], SourceSite(file, line))
}

/// ⌊a / b⌋ of integers and a whole number, element by element.
public func floorDivide(_ a: Value, _ b: Int, file: StaticString = #fileID, line: UInt = #line) -> Value {
  divided(.floorDivide, a, b, SourceSite(file, line))
}

/// a − b·⌊a / b⌋ of integers, element by element, which is 0 or has b's sign, as in Python; broadcast.
///
/// A divisor of 0 ends the run as in ``floorDivide(_:_:file:line:)-(Value,Value,_,_)``.
/// - Parameters:
///   - a: i32 or i64.
///   - b: Of a's element type.
public func remainder(_ a: Value, _ b: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  a.builder.emit(IntegerDivision(.remainder), [a, b], SourceSite(file, line))
}

/// a − b·⌊a / b⌋ of integers and a whole number, element by element.
public func remainder(_ a: Value, _ b: Int, file: StaticString = #fileID, line: UInt = #line) -> Value {
  divided(.remainder, a, b, SourceSite(file, line))
}

/// Whether any element over some axes is true; false over nothing.
///
/// - Parameters:
///   - x: bool.
///   - axes: nil for all; negative ones count from the end.
///   - keepDimensions: Whether the axes stay with length 1.
public func anyTrue(
  _ x: Value, axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  truth(.any, x, axes, keepDimensions, SourceSite(file, line))
}

/// Whether every element over some axes is true; true over nothing.
///
/// - Parameters:
///   - x: bool.
///   - axes: nil for all; negative ones count from the end.
///   - keepDimensions: Whether the axes stay with length 1.
public func allTrue(
  _ x: Value, axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  truth(.all, x, axes, keepDimensions, SourceSite(file, line))
}

private func truth(
  _ function: LogicalReduceFunction, _ x: Value, _ axes: [Int]?, _ keepDimensions: Bool, _ site: SourceSite
) -> Value {
  x.builder.emit(function.rawValue, [x], site) { () throws(ShapeError) in
    LogicalReduce(function, axes: try x.shape.normalized(axes: axes), keepDimensions: keepDimensions)
  }
}

private func divided(_ function: IntegerDivisionFunction, _ a: Value, _ b: Int, _ site: SourceSite) -> Value {
  let builder = a.builder
  guard builder.accepts([a], function.rawValue, site: site) else { return builder.poisoned() }
  guard b != 0 else {
    let error = ShapeError(.attribute, "the divisor is 0; give another number")
    return builder.fail(error, function.rawValue, operands: [a], site: site)
  }
  let divisor: Value
  switch a.dtype {
  case .int64: divisor = builder.constant(Tensor(Int64(b)), site: site)
  case .int32 where Int32(exactly: b) != nil: divisor = builder.constant(Tensor(Int32(b)), site: site)
  default:
    let error = ShapeError(
      .dtype, "\(b) is not a divisor of \(a.type), which must be i32 or i64; cast it first")
    return builder.fail(error, function.rawValue, operands: [a], site: site)
  }
  return builder.emit(IntegerDivision(function), [a, divisor], site)
}

extension Value {
  /// The remainder of integers, 0 or with b's sign; see ``remainder(_:_:file:line:)-(Value,Value,_,_)``.
  public static func % (a: Value, b: Value) -> Value {
    a.builder.emit(IntegerDivision(.remainder), [a, b])
  }

  /// The remainder by a whole number.
  public static func % (a: Value, b: Int) -> Value { divided(.remainder, a, b, .unknown) }
}
