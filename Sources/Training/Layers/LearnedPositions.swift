public import TributaryAutodiff
public import TributaryOps

/// Adds a learned vector to every time (Gehring and others 2017), so that layers that take times in any order, such as
/// attention, can tell them apart: `[batch, time, width]` plus the first `time` rows of a table.
public struct LearnedPositions: Layer {
  /// The vectors, `[length, width]`.
  public let table: Parameter

  /// Fresh positions.
  /// - Parameters:
  ///   - length: The largest number of times.
  ///   - width: The length of the last axis.
  ///   - initial: How the vectors begin.
  ///   - dtype: The parameters' element type.
  public init(_ length: Int, _ width: Int, initial: Initializer = .normal(0.02), dtype: DType = .float32) {
    table = Parameter([length, width], dtype: dtype, initial: initial)
  }

  /// Adds the vectors; the type stays. Another rank than 3, or more times than vectors, is recorded as an error of the graph.
  public func callAsFunction(_ x: Value) -> Value {
    guard x.rank == 3 else { return transpose(x, permutation: [0, 1, 2]) }
    let rows = table.value(in: x.builder)
    return x + (x.shape[1] == rows.shape[0] ? rows : slice(rows, axis: 0, 0..<x.shape[1]))
  }
}
