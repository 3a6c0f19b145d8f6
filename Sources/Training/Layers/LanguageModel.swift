public import TributaryAutodiff
public import TributaryOps

/// A transformer that tells, after each token of a text, how likely each token is to come next: embedding, learned
/// positions, causal ``TransformerBlock``s, a last normalisation, and scores by the embedding's own table (after Radford and
/// others 2019, without dropout).
///
/// Ids, int32 or int64, `[batch, time]` with time at most `length`, become logits `[batch, time, vocabulary]`.
///
/// ```swift
/// let model = LanguageModel(vocabulary: 64, length: 64, width: 256, heads: 8, blocks: 4)
/// let trainer = try Trainer(
///   Objective(model, input: [64], dtype: .int32, loss: .softmaxCrossEntropy), batchSize: 8, optimizer: Adam(),
///   executor: .shared, seed: 1)
/// ```
public struct LanguageModel: Layer {
  /// The rows of the tokens, and the scores at the end.
  public let embedding: TokenEmbedding

  /// What tells times apart.
  public let positions: LearnedPositions

  /// The blocks in order.
  public let blocks: [TransformerBlock]

  /// Normalises what the scores are made from.
  public let norm: LayerNorm

  /// A model with fresh parameters.
  /// - Parameters:
  ///   - vocabulary: How many tokens there are.
  ///   - length: The largest number of tokens that it looks back on, the last one included.
  ///   - width: The length of a token's vector.
  ///   - heads: How many heads each block's attention has, a divisor of the width.
  ///   - blocks: How many blocks.
  ///   - hidden: The width within the blocks; 4 · width where nil.
  ///   - epsilon: Added to the variances of the normalisations.
  ///   - dtype: The parameters' element type.
  public init(
    vocabulary: Int, length: Int, width: Int, heads: Int, blocks: Int, hidden: Int? = nil,
    epsilon: Double = 1e-5, dtype: DType = .float32
  ) {
    embedding = TokenEmbedding(vocabulary, width, dtype: dtype)
    positions = LearnedPositions(length, width, dtype: dtype)
    self.blocks = (0..<Swift.max(blocks, 0)).map { _ in
      TransformerBlock(width, heads: heads, hidden: hidden, causal: true, epsilon: epsilon, dtype: dtype)
    }
    norm = LayerNorm([width], epsilon: epsilon, dtype: dtype)
  }

  /// The logits of the token after each one. What does not fit is recorded as an error of the graph.
  public func callAsFunction(_ ids: Value) -> Value {
    let builder = ids.builder
    var h = builder.scope("embedding") { positions(embedding(ids)) }
    for (index, block) in blocks.enumerated() {
      h = builder.scope("block\(index)") { block(h) }
    }
    return builder.scope("scores") { embedding.scores(of: norm(h)) }
  }
}
