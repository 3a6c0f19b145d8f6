public import TributaryOps

// Functions of one value, element by element: the result has the operand's type, f32 or f64. Another element type is
// an error of `compile`.

/// eˣ, element by element.
public func exp(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.exp, x, SourceSite(file, line))
}

/// The natural logarithm, element by element; −∞ at 0, NaN below.
public func log(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.log, x, SourceSite(file, line))
}

/// log(1 + x), exact near 0.
public func log1p(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.log1p, x, SourceSite(file, line))
}

/// eˣ − 1, exact near 0.
public func expm1(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.expm1, x, SourceSite(file, line))
}

/// √x, element by element; NaN below 0.
public func sqrt(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.sqrt, x, SourceSite(file, line))
}

/// 1 / √x, element by element.
public func rsqrt(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.rsqrt, x, SourceSite(file, line))
}

/// x², element by element.
public func square(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.square, x, SourceSite(file, line))
}

/// 1 / x, element by element.
public func reciprocal(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.reciprocal, x, SourceSite(file, line))
}

/// |x|, element by element; the derivative at 0 is 0.
public func abs(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.abs, x, SourceSite(file, line))
}

/// −1, 0 or 1, element by element; the derivative is 0 everywhere.
public func sign(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.sign, x, SourceSite(file, line))
}

/// The hyperbolic tangent, element by element.
public func tanh(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.tanh, x, SourceSite(file, line))
}

/// 1 / (1 + e⁻ˣ), element by element.
public func sigmoid(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.sigmoid, x, SourceSite(file, line))
}

/// max(0, x), element by element; the derivative at 0 is 0.
public func relu(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.relu, x, SourceSite(file, line))
}

/// The sine of x in radians, element by element.
public func sin(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.sin, x, SourceSite(file, line))
}

/// The cosine of x in radians, element by element.
public func cos(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.cos, x, SourceSite(file, line))
}

/// The error function 2/√π ∫₀ˣ e^(−t²) dt, element by element.
public func erf(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.erf, x, SourceSite(file, line))
}

/// log(1 + eˣ), element by element, without overflow.
public func softplus(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.softplus, x, SourceSite(file, line))
}

/// −x, element by element.
public func neg(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.neg, x, SourceSite(file, line))
}

/// x·sigmoid(x), element by element (Elfwing, Uchibe and Doya 2018).
public func silu(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  unary(.silu, x, SourceSite(file, line))
}

/// x·Φ(x), element by element, with the normal distribution function Φ (Hendrycks and Gimpel 2016).
///
/// - Parameters:
///   - x: f32 or f64, any shape.
///   - approximate: Takes the approximation by tanh in place of the error function.
public func gelu(
  _ x: Value, approximate: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  unary(approximate ? .geluTanh : .gelu, x, SourceSite(file, line))
}

func unary(_ function: UnaryFunction, _ x: Value, _ site: SourceSite = .unknown) -> Value {
  x.builder.emit(Unary(function), [x], site)
}

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

extension Unary {
  /// f′(x) · ẋ: the Jacobian is diagonal, so that both modes have one rule.
  public func jvp(_ context: JVPContext) -> [Value?] { context.symmetric(vjp) }
}
