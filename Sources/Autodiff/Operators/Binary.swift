public import TributaryOps

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

/// xᶜ, element by element, with a cheaper operator for the exponents −1, −½, 0, ½, 1 and 2, and for other multiples of ½
/// up to ±4: those by products, a root and a reciprocal, rounded once in f32, with special values as `pow` has them.
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
  default:
    let halves = exponent * 2
    guard !x.isPoisoned, x.dtype.isFloatingPoint, halves.rounded() == halves, abs(halves) <= 8 else {
      return binary(.pow, x, exponent, site)
    }
    return x.builder.emit(Parametric(.halfPower(halves: Int(halves))), [x], site)
  }
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

extension Binary {
  /// ∂f/∂x · ẋ + ∂f/∂y · ẏ; by the transpose for powers and for the helpers of gradients.
  public func jvp(_ context: JVPContext) -> [Value?] {
    let a = context.inputs[0]
    let b = context.inputs[1]
    func sum(_ left: (Value) -> Value, _ right: (Value) -> Value) -> [Value?] {
      switch (context.tangents[0], context.tangents[1]) {
      case (let da?, let db?): [context.spread(left(da) + right(db))]
      case (let da?, nil): [context.spread(left(da))]
      case (nil, let db?): [context.spread(right(db))]
      case (nil, nil): [nil]
      }
    }
    switch function {
    case .add: return sum({ $0 }, { $0 })
    case .sub:
      if let da = context.tangents[0], let db = context.tangents[1] { return [context.spread(da - db)] }
      return sum({ $0 }, { -$0 })
    case .mul: return sum({ $0 * b }, { $0 * a })
    case .div: return sum({ $0 / b }, { -($0 * (context.outputs[0] / b)) })
    case .maximum: return [taken(context, a .> b, a .== b)]
    case .minimum: return [taken(context, a .< b, a .== b)]
    case .pow, .tanhGradient, .sigmoidGradient, .reluGradient: return context.transposed(vjp)
    }
  }
}

/// The first operand's tangent where it wins, the mean of both where they tie, else the second's.
private func taken(_ context: JVPContext, _ wins: Value, _ ties: Value) -> Value {
  let zero = context.builder.constant(0, dtype: context.outputs[0].dtype)
  let left = context.tangents[0] ?? zero
  let right = context.tangents[1] ?? zero
  let tied = context.apply(Where(), ties, (left + right) * 0.5, right)
  return context.spread(context.apply(Where(), wins, left, tied))
}
