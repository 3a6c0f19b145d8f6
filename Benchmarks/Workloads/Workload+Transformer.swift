internal import Tributary

extension Workload {
  /// A character language model of pre-norm transformer blocks; the output is tied to the embedding.
  static let transformer = Workload(
    "transformer",
    [
      "vocabulary": [64], "d": [256], "heads": [8], "blocks": [4], "length": [64], "batch": [8],
      "epsilon": [1e-5],
    ]
  ) { (model, sizes) throws(WorkloadError) in
    let vocabulary = try sizes.count("vocabulary")
    let batch = try sizes.count("batch")
    let length = try sizes.count("length")
    let width = try sizes.count("d")
    let epsilon = try sizes.number("epsilon")
    let ids = model.input("ids", [batch, length], .classes(vocabulary))
    let y = model.input("y", [batch, length], .classes(vocabulary))
    let table = model.parameter("embedding", [vocabulary, width], .normal(0.02))
    let position = model.parameter("position", [length, width], .normal(0.02))
    let attention = CausalAttention(
      batch: batch, length: length, heads: try sizes.count("heads"), width: width, on: model.graph)
    var h = embedding(table, ids) + position
    for index in 0..<(try sizes.count("blocks")) {
      h = model.transformerBlock("block\(index).", h, attention, epsilon: epsilon)
    }
    let normed = model.norm("norm", width).applied(to: h, epsilon: epsilon)
    let logits = matmul(normed, table, transposeB: true)
    return crossEntropy(
      reshape(logits, [batch * length, vocabulary]), reshape(y, [batch * length]))
  }
}

extension WorkloadModel {
  /// `h + attention(norm1(h))`, then `h + feed-forward(norm2(h))` with a GELU between its two layers.
  fileprivate mutating func transformerBlock(
    _ prefix: String, _ x: Value, _ attention: CausalAttention, epsilon: Double
  ) -> Value {
    let width = attention.width
    let norm1 = norm(prefix + "norm1", width)
    let wqkv = weight(prefix + "wqkv", width, 3 * width)
    let bqkv = bias(prefix + "bqkv", 3 * width)
    let wo = weight(prefix + "wo", width, width)
    let bo = bias(prefix + "bo", width)
    let norm2 = norm(prefix + "norm2", width)
    let w1 = weight(prefix + "w1", width, 4 * width)
    let b1 = bias(prefix + "b1", 4 * width)
    let w2 = weight(prefix + "w2", 4 * width, width)
    let b2 = bias(prefix + "b2", width)
    let mixed = attention.applied(to: matmul(norm1.applied(to: x, epsilon: epsilon), wqkv) + bqkv)
    let h = x + matmul(mixed, wo) + bo
    return h + matmul(gelu(matmul(norm2.applied(to: h, epsilon: epsilon), w1) + b1, approximate: true), w2)
      + b2
  }

  fileprivate mutating func norm(_ name: String, _ width: Int) -> LayerNorm {
    let gain = parameter(name + ".g", [width], .constant(1))
    return LayerNorm(gain: gain, offset: bias(name + ".b", width))
  }
}

/// Normalises the last axis to mean 0 and variance 1, then scales and shifts.
private struct LayerNorm {
  let gain: Value
  let offset: Value

  func applied(to x: Value, epsilon: Double) -> Value {
    let centred = x - mean(x, axes: [-1], keepDimensions: true)
    let variance = mean(square(centred), axes: [-1], keepDimensions: true)
    return centred * rsqrt(variance + epsilon) * gain + offset
  }
}

/// Scaled dot-product attention of a position to itself and those before it.
private struct CausalAttention {
  let width: Int
  private let batch: Int
  private let length: Int
  private let heads: Int
  private let mask: Value

  init(batch: Int, length: Int, heads: Int, width: Int, on graph: GraphBuilder) {
    self.width = width
    self.batch = batch
    self.length = length
    self.heads = heads
    let square = TensorType(.int64, [length, length])
    let key: Value = graph.apply(Iota(type: square, axis: 1))
    mask = key .<= graph.apply(Iota(type: square, axis: 0))
  }

  /// - Parameter qkv: [batch, length, 3 · width], the columns ordered [3, heads, width / heads].
  func applied(to qkv: Value) -> Value {
    let depth = width / heads
    let parts = transpose(
      reshape(qkv, [batch, length, 3, heads, depth]), permutation: [2, 0, 3, 1, 4])
    let scores =
      matmul(part(0, of: parts), part(1, of: parts), transposeB: true) * (1 / Double(depth).squareRoot())
    let forbidden = mask.builder.constant(-Double.infinity)
    let weights = softmax(select(mask, scores, forbidden), axis: -1)
    let mixed = matmul(weights, part(2, of: parts))
    return reshape(transpose(mixed, permutation: [0, 2, 1, 3]), [batch, length, width])
  }

  private func part(_ index: Int, of parts: Value) -> Value {
    let depth = width / heads
    let one = slice(
      parts, starts: [index, 0, 0, 0, 0], stops: [index + 1, batch, heads, length, depth])
    return reshape(one, [batch, heads, length, depth])
  }
}
