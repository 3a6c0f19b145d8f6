public import TributaryOps

/// ``DifferentiableOperator``: derivatives of the functions of two values, summed over the axes along which an operand
/// was broadcast.
extension Binary: DifferentiableOperator {
  /// dz · ∂f/∂x and dz · ∂f/∂y.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let a = context.inputs[0]
    let b = context.inputs[1]
    let z = context.outputs[0]
    let dz = context.dy
    func left(_ make: @autoclosure () -> Value) -> Value? {
      context.when(0) { context.unbroadcast(make(), to: 0) }
    }
    func right(_ make: @autoclosure () -> Value) -> Value? {
      context.when(1) { context.unbroadcast(make(), to: 1) }
    }
    switch function {
    case .add: return [left(dz), right(dz)]
    case .sub: return [left(dz), context.when(1) { -context.unbroadcast(dz, to: 1) }]
    case .mul: return [left(dz * b), right(dz * a)]
    case .div:
      let quotient = dz / b
      return [left(quotient), context.when(1) { -context.unbroadcast(quotient * z, to: 1) }]
    case .maximum: return [left(share(dz, a .> b, a .== b)), right(share(dz, a .< b, a .== b))]
    case .minimum: return [left(share(dz, a .< b, a .== b)), right(share(dz, a .> b, a .== b))]
    case .pow: return [left(powerBase(context)), right(powerExponent(context))]
    // The helpers f(dy, y) = dy·g(y), on equal shapes.
    case .tanhGradient:
      return [left(binary(.tanhGradient, dz, b)), right(dz * a * (b * -2))]
    case .sigmoidGradient:
      return [left(binary(.sigmoidGradient, dz, b)), right(dz * a * (1 - (b + b)))]
    case .reluGradient:
      return [left(binary(.reluGradient, dz, b)), nil]
    }
  }
}

/// The cotangent where an operand wins, half of it where both tie, nothing elsewhere.
private func share(_ dz: Value, _ wins: Value, _ ties: Value) -> Value {
  let builder = dz.builder
  let zero = builder.constant(0, dtype: dz.dtype)
  let tied = builder.emit(Where(), [ties, dz * 0.5, zero])
  return builder.emit(Where(), [wins, dz, tied])
}

/// dz · y·xʸ⁻¹; 0 where the exponent is 0, whatever the base.
private func powerBase(_ context: VJPContext) -> Value {
  let x = context.inputs[0]
  let y = context.inputs[1]
  if let exponent = context.uniformConstant(1) {
    if exponent == 0 { return context.builder.zeros(context.dy.type) }
    // The constant's own type and shape are kept, so that the result broadcasts alike.
    let slope = exponent == 2 ? x : binary(.pow, x, y - 1)
    return context.dy * (slope * y)
  }
  let slope = binary(.pow, x, y - 1) * y
  let zero = context.builder.constant(0, dtype: x.dtype)
  return context.dy * context.apply(Where(), y .== 0, zero, slope)
}

/// dz · xʸ·log x; 0 where the base is 0 and so is its power.
private func powerExponent(_ context: VJPContext) -> Value {
  let x = context.inputs[0]
  let one = context.builder.constant(1, dtype: x.dtype)
  return context.dy * (context.outputs[0] * unary(.log, context.apply(Where(), x .== 0, one, x)))
}
