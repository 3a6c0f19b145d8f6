internal import TributaryOps

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
