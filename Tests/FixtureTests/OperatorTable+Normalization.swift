import Tributary

extension OperatorTable {
  /// Normalisations and attention.
  static let normalizations: [String: Definition] = [
    "layer_norm": { _, x, attributes in
      [
        layerNorm(
          x[0], weight: x.optional(1), bias: x.optional(2),
          normalizedRank: try attributes.integer("normalized_rank"), epsilon: try attributes.number("epsilon")
        )
      ]
    },
    "rms_norm": { _, x, attributes in
      [
        rmsNorm(
          x[0], weight: x.optional(1), bias: x.optional(2),
          normalizedRank: try attributes.integer("normalized_rank"), epsilon: try attributes.number("epsilon")
        )
      ]
    },
    "group_norm": { _, x, attributes in
      [
        groupNorm(
          x[0], groups: try attributes.integer("groups"), weight: x.optional(1), bias: x.optional(2),
          epsilon: try attributes.number("epsilon"))
      ]
    },
    "batch_norm": { _, x, attributes in
      let epsilon = try attributes.number("epsilon")
      guard try attributes.bool("training") else {
        return [
          batchNormInference(x[0], weight: x[1], bias: x[2], mean: x[3], variance: x[4], epsilon: epsilon)
        ]
      }
      let result = batchNorm(
        x[0], weight: x[1], bias: x[2], runningMean: x[3], runningVariance: x[4],
        momentum: try attributes.number("momentum"), epsilon: epsilon)
      return [result.y, result.runningMean, result.runningVariance]
    },
    "scaled_dot_product_attention": { _, x, attributes in
      [
        scaledDotProductAttention(
          x[0], x[1], x[2], mask: x.optional(3), causal: try attributes.bool("causal"),
          scale: attributes.isNull("scale") ? nil : try attributes.number("scale"))
      ]
    },
  ]
}

extension [Value] {
  /// An input that may be missing.
  fileprivate func optional(_ index: Int) -> Value? { index < count ? self[index] : nil }
}
