import Tributary

extension OperatorTable {
  /// Functions with constants, searches, running sums, rearrangements, losses of pairs, and Einstein's sum.
  static let others: [String: Definition] = [
    "leaky_relu": { _, x, attributes in
      [leakyRelu(x[0], negativeSlope: try attributes.number("negative_slope"))]
    },
    "elu": { _, x, attributes in [elu(x[0], alpha: try attributes.number("alpha"))] },
    "selu": { _, x, _ in [selu(x[0])] },
    "clamp": { _, x, attributes in
      let lower = attributes.isNull("min") ? nil : try attributes.number("min")
      let upper = attributes.isNull("max") ? nil : try attributes.number("max")
      return [clamp(x[0], min: lower, max: upper)]
    },
    "prod": reduction { prod($0, axes: $1, keepDimensions: $2) },
    "var": { _, x, attributes in
      let axes = attributes.isNull("axes") ? nil : try attributes.integers("axes")
      let (keep, correction) = (try attributes.bool("keepdims"), try attributes.integer("correction"))
      return [variance(x[0], axes: axes, keepDimensions: keep, correction: correction)]
    },
    "argmax": search { argMax($0, axis: $1, keepDimensions: $2) },
    "argmin": search { argMin($0, axis: $1, keepDimensions: $2) },
    "cumsum": { _, x, attributes in [cumulativeSum(x[0], axis: try attributes.integer("axis"))] },
    "tile": { _, x, attributes in [tile(x[0], repeats: try attributes.integers("repeats"))] },
    "flip": { _, x, attributes in [flip(x[0], axes: try attributes.integers("axes"))] },
    "l1": { _, x, attributes in [meanAbsoluteError(x[0], x[1], reduction: try reduction(attributes))] },
    "huber": { _, x, attributes in
      let delta = try attributes.number("delta")
      return [huberLoss(x[0], x[1], delta: delta, reduction: try reduction(attributes))]
    },
    "bce_with_logits": { _, x, attributes in
      [binaryCrossEntropy(logits: x[0], targets: x[1], reduction: try reduction(attributes))]
    },
    "kl_div": { _, x, attributes in
      guard let reduction = DivergenceReduction(rawValue: try attributes.text("reduction")) else {
        throw NotYet()
      }
      let isLogarithm = try attributes.bool("log_target")
      return [klDivergence(x[0], x[1], isLogarithm: isLogarithm, reduction: reduction)]
    },
    "outer": { _, x, _ in [outer(x[0], x[1])] },
    "einsum": { _, x, attributes in [einsum(try attributes.text("equation"), x)] },
  ]

  private static func search(
    _ function: @escaping @Sendable (Value, Int?, Bool) -> Value
  ) -> Definition {
    { _, x, attributes in
      [function(x[0], try attributes.optionalInteger("axis"), try attributes.bool("keepdims"))]
    }
  }
}
