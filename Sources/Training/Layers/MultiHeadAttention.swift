public import TributaryAutodiff
public import TributaryOps

/// Self-attention with several heads (Vaswani and others 2017): x·Wqkv + b is cut into queries, keys and values of every
/// head, each head attends (`scaledDotProductAttention`), and the heads' outputs, side by side, go through a last map.
///
/// x is `[batch, time, width]`, as is the result. Columns of Wqkv are `[3, heads, width / heads]`. The scores of the heads
/// are never kept.
public struct MultiHeadAttention: Layer {
  /// The number of heads, a divisor of the width.
  public let heads: Int

  /// Whether a time sees itself and earlier ones only.
  public let isCausal: Bool

  /// The map to queries, keys and values, `[width, 3·width]`.
  public let projection: Linear

  /// The map of the heads' outputs, `[width, width]`.
  public let output: Linear

  /// An attention with fresh parameters.
  /// - Parameters:
  ///   - width: The length of the last axis.
  ///   - heads: A divisor of the width; applying the layer with another number is an error of the graph.
  ///   - causal: Whether a time sees itself and earlier ones only.
  ///   - bias: Whether the maps have biases.
  ///   - dtype: f32 or f64.
  public init(_ width: Int, heads: Int, causal: Bool = false, bias: Bool = true, dtype: DType = .float32) {
    self.heads = heads
    isCausal = causal
    projection = Linear(width, 3 * width, bias: bias, dtype: dtype)
    output = Linear(width, width, bias: bias, dtype: dtype)
  }

  /// Applies the attention without a mask.
  public func callAsFunction(_ x: Value) -> Value { self(x, mask: nil) }

  /// Applies the attention. Another rank than 3 is recorded as an error of the graph.
  /// - Parameters:
  ///   - x: `[batch, time, width]`.
  ///   - mask: Broadcast to `[batch, heads, time, time]`: bool keeps where true, another is added to the scores.
  public func callAsFunction(_ x: Value, mask: Value?) -> Value {
    guard x.rank == 3 else { return transpose(x, permutation: [0, 1, 2]) }
    let (batch, time, width) = (x.shape[0], x.shape[1], x.shape[2])
    let each = heads > 0 ? width / heads : 0
    let joint = reshape(x.builder.scope("projection") { projection(x) }, [batch, time, 3, heads, each])
    let parts = split(transpose(joint, permutation: [2, 0, 3, 1, 4]), sizes: [1, 1, 1], axis: 0)
      .map { reshape($0, [batch, heads, time, each]) }
    let attended = scaledDotProductAttention(parts[0], parts[1], parts[2], mask: mask, causal: isCausal)
    let joined = reshape(transpose(attended, permutation: [0, 2, 1, 3]), [batch, time, width])
    return x.builder.scope("output") { output(joined) }
  }
}
