public import TributaryOps

/// ``DifferentiableOperator``: derivatives of the functions of one value, in terms of the result where that is cheaper.
extension Unary: DifferentiableOperator {
  /// dy · f′(x).
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let y = context.outputs[0]
    let dy = context.dy
    switch function {
    case .neg: return [-dy]
    case .abs: return [dy * unary(.sign, x)]
    case .sign: return [nil]
    case .square: return [(dy * 2) * x]
    case .relu: return [binary(.reluGradient, dy, y)]
    case .exp: return [dy * y]
    case .log: return [dy / x]
    case .log1p: return [dy / (x + 1)]
    case .expm1: return [dy * (y + 1)]
    case .sqrt: return [(dy * 0.5) / y]
    case .rsqrt: return [(dy * -0.5) * (y * unary(.square, y))]
    case .reciprocal: return [-(dy * unary(.square, y))]
    case .tanh: return [binary(.tanhGradient, dy, y)]
    case .sigmoid: return [binary(.sigmoidGradient, dy, y)]
    case .erf: return [dy * (unary(.exp, -unary(.square, x)) * (2 / Double.pi.squareRoot()))]
    case .softplus: return [dy * unary(.sigmoid, x)]
    case .sin: return [dy * unary(.cos, x)]
    case .cos: return [-(dy * unary(.sin, x))]
    case .silu:
      let gate = unary(.sigmoid, x)
      return [dy * (gate + y * (1 - gate))]
    case .gelu: return [dy * geluSlope(x)]
    case .geluTanh: return [dy * geluTanhSlope(x)]
    }
  }
}

/// Φ(x) + x·φ(x), with the distribution function and the density of the normal distribution.
private func geluSlope(_ x: Value) -> Value {
  let distribution = (unary(.erf, x * 0.5.squareRoot()) + 1) * 0.5
  let density = unary(.exp, unary(.square, x) * -0.5) * (1 / (2 * Double.pi).squareRoot())
  return distribution + x * density
}

/// ½(1 + t) + ½x(1 − t²)·u′ with u = √(2/π)(x + 0.044715x³) and t = tanh u.
private func geluTanhSlope(_ x: Value) -> Value {
  let scale = (2 / Double.pi).squareRoot()
  let square = unary(.square, x)
  let t = unary(.tanh, x * (square * (0.044715 * scale) + scale))
  let inner = square * (3 * 0.044715 * scale) + scale
  return (t + 1) * 0.5 + binary(.tanhGradient, x * inner, t) * 0.5
}
