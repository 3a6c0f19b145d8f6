public import TributaryOps

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

/// The same numbers as another element type.
///
/// To floating-point types rounded to nearest; from floating-point types to integers towards zero, the largest and the
/// least integer standing for what lies beyond, 0 for NaN; from i64 to i32 the low 32 bits; to bool whether the number is
/// not 0; from bool 0 and 1. Differentiated between floating-point types alone.
public func cast(_ x: Value, to dtype: DType, file: StaticString = #fileID, line: UInt = #line) -> Value {
  if x.dtype == dtype, !x.isAfterStep { return x }
  return x.builder.emit(Cast(to: dtype), [x], SourceSite(file, line))
}

extension Where: DifferentiableOperator {
  /// The cotangent goes to the operand that was taken.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let condition = context.inputs[0]
    let zero = context.builder.constant(0, dtype: context.dy.dtype)
    return [
      nil,
      context.when(1) { context.unbroadcast(context.apply(Where(), condition, context.dy, zero), to: 1) },
      context.when(2) { context.unbroadcast(context.apply(Where(), condition, zero, context.dy), to: 2) },
    ]
  }
}

extension Cast: DifferentiableOperator {
  /// The cotangent in the operand's element type; nothing through integers and masks.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    guard x.dtype.isFloatingPoint, context.outputs[0].dtype.isFloatingPoint else { return [nil] }
    return [context.apply(Cast(to: x.dtype), context.dy)]
  }
}

extension Accumulate: DifferentiableOperator {
  /// The cotangent of a sum goes to every term.
  public func vjp(_ context: VJPContext) -> [Value?] { context.inputs.map { _ in context.dy } }
}

extension Where {
  /// The tangent of the operand that was taken.
  public func jvp(_ context: JVPContext) -> [Value?] {
    let zero = context.builder.constant(0, dtype: context.outputs[0].dtype)
    return [
      context.spread(
        context.apply(self, context.inputs[0], context.tangents[1] ?? zero, context.tangents[2] ?? zero))
    ]
  }
}

extension Cast {
  /// The tangent in the result's element type; nothing through integers and masks.
  public func jvp(_ context: JVPContext) -> [Value?] {
    context.outputs[0].dtype.isFloatingPoint ? context.linear(self) : [nil]
  }
}

extension Accumulate {
  /// The sum of the tangents.
  public func jvp(_ context: JVPContext) -> [Value?] {
    let tangents = context.tangents.compactMap { $0 }
    return [tangents.count == 1 ? tangents[0] : context.builder.emit(self, tangents)]
  }
}
