public import TributaryOps

/// The running sum along an axis: y[i] = x[0] + … + x[i], or x[i] + … + x[n − 1] where `reversed`.
///
/// The result has x's type: f32, whose sums are kept in f64, f64, i32 or i64. A negative axis counts from the end; one that
/// does not exist is an error of `compile`. Two additions for each element.
public func cumulativeSum(
  _ x: Value, axis: Int, reversed: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  x.builder.emit("cumsum", [x], SourceSite(file, line)) { () throws(ShapeError) in
    CumulativeSum(axis: try x.shape.resolved(axis: axis), reversed: reversed)
  }
}

extension CumulativeSum: DifferentiableOperator {
  /// The running sum of the cotangent from the other end.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.apply(CumulativeSum(axis: axis, reversed: !reversed), context.dy)]
  }
}
