public import TributaryOps

// Functions of one value with constants, element by element: the result has the operand's type, f32 or f64.

/// x where x ≥ 0, else `negativeSlope`·x; the derivative at 0 is the slope (Maas, Hannun and Ng 2013).
public func leakyRelu(
  _ x: Value, negativeSlope: Double = 0.01, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  parametric(.leakyRelu(slope: negativeSlope), x, SourceSite(file, line))
}

/// x where x > 0, else alpha·(eˣ − 1) (Clevert, Unterthiner and Hochreiter 2016).
public func elu(
  _ x: Value, alpha: Double = 1, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  parametric(.elu(alpha: alpha, scale: 1), x, SourceSite(file, line))
}

/// scale·x where x > 0, else scale·alpha·(eˣ − 1), with the constants that keep mean 0 and variance 1 from layer to layer
/// (Klambauer and others 2017).
public func selu(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  parametric(
    .elu(alpha: 1.6732632423543772848, scale: 1.0507009873554804934), x, SourceSite(file, line))
}

/// The number of the range `lower` … `upper` that is nearest to x; the derivative is 1 between the bounds, 0 elsewhere and
/// at them.
///
/// - Parameters:
///   - x: f32, f64, i32 or i64. NaN stays.
///   - lower: The least result; nil for none. A whole number where x holds integers.
///   - upper: The largest result; nil for none. It wins where the bounds cross.
public func clamp(
  _ x: Value, min lower: Double? = nil, max upper: Double? = nil, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  x.builder.emit("clamp", [x], SourceSite(file, line)) { () throws(ShapeError) in
    guard lower != nil || upper != nil else {
      throw ShapeError(.attribute, "clamp needs a bound: give min, max or both")
    }
    return Parametric(.clamp(lower: lower ?? -.infinity, upper: upper ?? .infinity))
  }
}

private func parametric(_ function: ParametricFunction, _ x: Value, _ site: SourceSite) -> Value {
  x.builder.emit(Parametric(function), [x], site)
}

extension Parametric: DifferentiableOperator {
  /// dy · f′(x), in one operator; nothing through integers.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.apply(ParametricGradient(function), context.dy, context.inputs[0])]
  }
}

/// ``DifferentiableOperator``: g(dy, x) = dy · f′(x) is linear in dy.
extension ParametricGradient: DifferentiableOperator {
  /// With cotangent c: g(c, x) for dy; c · dy · f″(x) for x, which is 0 but for the exponential branch of elu and
  /// for powers.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let c = context.dy
    let x = context.inputs[1]
    return [
      context.when(0) { context.apply(self, c, x) },
      context.when(1) {
        if case .halfPower(let halves) = function {
          let exponent = Double(halves) / 2
          let bend = pow(x, exponent - 2) * (exponent * (exponent - 1))
          return (c * context.inputs[0]) * bend
        }
        guard case .elu(let alpha, let scale) = function else { return context.builder.zeros(x.type) }
        let zero = context.builder.constant(0, dtype: x.dtype)
        let slope = unary(.exp, binary(.minimum, x, zero)) * (alpha * scale)
        return (c * context.inputs[0]) * context.apply(Where(), x .> 0, zero, slope)
      },
    ]
  }
}
