public import TributaryOps

/// Integer classes as vectors with a one at the class: shape `classes.shape + [count]`. A class outside the range gives
/// zeros or an error of the run, as the operator says.
public func oneHot(
  _ classes: Value, count: Int, dtype: DType = .float32, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  classes.builder.emit(OneHot(classes: count, dtype: dtype), [classes], SourceSite(file, line))
}

/// The same numbers as another element type: rounded to nearest between floating-point types, towards zero to integers.
public func cast(_ x: Value, to dtype: DType, file: StaticString = #fileID, line: UInt = #line) -> Value {
  if x.dtype == dtype, !x.isAfterStep { return x }
  return x.builder.emit(Cast(to: dtype), [x], SourceSite(file, line))
}

/// The same value, through which nothing is differentiated. Costs nothing when the graph runs.
public func stopGradient(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  x.builder.emit(StopGradient(), [x], SourceSite(file, line))
}
