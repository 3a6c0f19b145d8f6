public import TributaryOps

// Reductions: `axes` nil means all, negative axes count from the end, and with `keepDimensions` reduced
// axes stay with length 1.

/// The product over axes; 1 over nothing. The derivative is the product of the other elements, right at zeros too.
///
/// Products of f32 are kept in f64 and rounded once. i32 and i64 are taken as well, overflow wrapping around.
public func prod(
  _ x: Value, axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  reduce(.prod, x, axes, keepDimensions, SourceSite(file, line))
}

/// The variance over axes: Σ(x − mean)² / (n − correction) over the n elements that meet.
///
/// Costs two passes over the elements, the second over those just read. NaN where n ≤ correction.
/// - Parameters:
///   - x: f32 or f64.
///   - axes: The axes that are reduced.
///   - keepDimensions: Whether they stay with length 1.
///   - correction: 0 for the variance of these numbers, 1 for the unbiased estimate (Bessel's correction).
public func variance(
  _ x: Value, axes: [Int]? = nil, keepDimensions: Bool = false, correction: Int = 0,
  file: StaticString = #fileID, line: UInt = #line
) -> Value {
  x.builder.emit("var", [x], SourceSite(file, line)) { () throws(ShapeError) in
    Variance(
      axes: try x.shape.normalized(axes: axes), keepDimensions: keepDimensions, correction: correction)
  }
}

/// The index, i64, of the first of the largest elements along an axis; nil searches the whole value in row-major order.
///
/// A NaN counts as the largest. Nothing is differentiated through it. An axis without elements is an error.
public func argMax(
  _ x: Value, axis: Int? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  argExtreme(.largest, x, axis, keepDimensions, SourceSite(file, line))
}

/// The index, i64, of the first of the least elements along an axis; nil searches the whole value in row-major order.
///
/// A NaN counts as the least. Nothing is differentiated through it. An axis without elements is an error.
public func argMin(
  _ x: Value, axis: Int? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  argExtreme(.least, x, axis, keepDimensions, SourceSite(file, line))
}

private func argExtreme(
  _ extreme: Extreme, _ x: Value, _ axis: Int?, _ keepDimensions: Bool, _ site: SourceSite
) -> Value {
  x.builder.emit(extreme.rawValue, [x], site) { () throws(ShapeError) in
    var resolved: Int?
    if let axis { resolved = try x.shape.resolved(axis: axis) }
    return ArgExtreme(extreme, axis: resolved, keepDimensions: keepDimensions)
  }
}

extension Variance: DifferentiableOperator {
  /// dy · 2(x − mean) / (n − correction).
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let scaled = context.dy * (2 / divisor(for: x.shape))
    let centred = x - reduce(.mean, x, axes, true)
    return [centred * reshaped(scaled, x.shape.keeping(reduced: axes))]
  }
}
