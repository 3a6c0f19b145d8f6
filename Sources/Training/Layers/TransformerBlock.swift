public import TributaryAutodiff
public import TributaryOps

/// A block of a transformer (Vaswani and others 2017) that normalises before each part instead of after it (Xiong and others
/// 2020), so that deep stacks train without a slow start:
///
///     h = x + attention(norm1(x))
///     y = h + contraction(gelu(expansion(norm2(h))))
///
/// x, h and y are `[batch, time, width]`; the GELU is the one with tanh (Hendrycks and Gimpel 2016). For `hidden` = 4 · width
/// a block has 12 · width² weights and costs 2 FLOP for each of them and each time, and 4 · time² · width for the attention.
public struct TransformerBlock: Layer {
  /// Normalises what the attention reads.
  public let norm1: LayerNorm

  /// Mixes the times.
  public let attention: MultiHeadAttention

  /// Normalises what the last two maps read.
  public let norm2: LayerNorm

  /// The map to the hidden width, `[width, hidden]`.
  public let expansion: Linear

  /// The map back, `[hidden, width]`.
  public let contraction: Linear

  /// A block with fresh parameters.
  /// - Parameters:
  ///   - width: The length of the last axis.
  ///   - heads: A divisor of the width.
  ///   - hidden: The width between the last two maps; 4 · width where nil.
  ///   - causal: Whether a time sees itself and earlier ones only.
  ///   - epsilon: Added to the variances.
  ///   - dtype: The parameters' element type.
  public init(
    _ width: Int, heads: Int, hidden: Int? = nil, causal: Bool = false, epsilon: Double = 1e-5,
    dtype: DType = .float32
  ) {
    let hidden = hidden ?? 4 * width
    norm1 = LayerNorm([width], epsilon: epsilon, dtype: dtype)
    attention = MultiHeadAttention(width, heads: heads, causal: causal, dtype: dtype)
    norm2 = LayerNorm([width], epsilon: epsilon, dtype: dtype)
    expansion = Linear(width, hidden, dtype: dtype)
    contraction = Linear(hidden, width, dtype: dtype)
  }

  /// Applies the block; the type stays. Another rank than 3 is recorded as an error of the graph.
  public func callAsFunction(_ x: Value) -> Value {
    let builder = x.builder
    let h = builder.scope("attention") { x + attention(norm1(x)) }
    return builder.scope("feed_forward") {
      h + contraction(gelu(expansion(norm2(h)), approximate: true))
    }
  }
}
