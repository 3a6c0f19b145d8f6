public import TributaryAutodiff
public import TributaryOps

/// A table with a row for each token of a vocabulary: ids become rows, and, where the output is tied to the input (Press and
/// Wolf 2017), vectors become a score for each token by the same table.
///
/// ```swift
/// let h = tokens(ids)                // [batch, time] → [batch, time, width]
/// let logits = tokens.scores(of: h)  // [batch, time, width] → [batch, time, vocabulary]
/// ```
/// The table is one parameter however often it is used; its gradient is the sum of what both uses contribute.
public struct TokenEmbedding: Layer {
  /// The table, `[vocabulary, width]`.
  public let table: Parameter

  /// An embedding with a fresh table.
  /// - Parameters:
  ///   - vocabulary: How many tokens there are.
  ///   - width: The length of a row.
  ///   - initial: How the table begins.
  ///   - dtype: The parameters' element type.
  public init(
    _ vocabulary: Int, _ width: Int, initial: Initializer = .normal(0.02), dtype: DType = .float32
  ) {
    table = Parameter([vocabulary, width], dtype: dtype, initial: initial)
  }

  /// The rows of ids, int32 or int64 of any shape: `[…]` becomes `[…, width]`. An id outside the vocabulary is an error of the
  /// run. Moves width numbers for each id.
  public func callAsFunction(_ ids: Value) -> Value { embedding(table.value(in: ids.builder), ids) }

  /// x · tableᵀ: `[…, width]` of rank 2 or more becomes `[…, vocabulary]`. Costs 2 · rows · width · vocabulary FLOP.
  public func scores(of x: Value) -> Value {
    matmul(x, table.value(in: x.builder), transposeB: true)
  }
}
