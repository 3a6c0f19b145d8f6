public import TributaryOps

/// Integer classes as vectors with a one at the class: shape `classes.shape + [count]`. A class outside the range gives
/// zeros alone.
public func oneHot(
  _ classes: Value, count: Int, dtype: DType = .float32, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  classes.builder.emit(OneHot(classes: count, dtype: dtype), [classes], SourceSite(file, line))
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

/// The same value, through which nothing is differentiated. Costs nothing when the graph runs.
public func stopGradient(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  x.builder.emit(StopGradient(), [x], SourceSite(file, line))
}
