import Tributary

/// How each operator of the fixtures is written on a graph. An operator that is not here is not there yet.
enum OperatorTable {
  typealias Definition = @Sendable (GraphBuilder, [Value], Members) throws -> [Value]

  static let all: [String: Definition] = [
    elementwise, reductions, shapes, contractions, losses, normalizations, images, others,
  ]
  .reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  private static func unary(_ function: @escaping @Sendable (Value) -> Value) -> Definition {
    { _, x, _ in [function(x[0])] }
  }

  private static func binary(_ function: @escaping @Sendable (Value, Value) -> Value) -> Definition {
    { _, x, _ in [function(x[0], x[1])] }
  }

  private static let elementwise: [String: Definition] = [
    "add": binary { $0 + $1 },
    "sub": binary { $0 - $1 },
    "mul": binary { $0 * $1 },
    "div": binary { $0 / $1 },
    "maximum": binary { maximum($0, $1) },
    "minimum": binary { minimum($0, $1) },
    "pow": { _, x, attributes in
      [x.count == 1 ? pow(x[0], try attributes.number("exponent")) : pow(x[0], x[1])]
    },
    "neg": unary { -$0 },
    "exp": unary { exp($0) },
    "log": unary { log($0) },
    "log1p": unary { log1p($0) },
    "expm1": unary { expm1($0) },
    "sqrt": unary { sqrt($0) },
    "rsqrt": unary { rsqrt($0) },
    "square": unary { square($0) },
    "abs": unary { abs($0) },
    "sign": unary { sign($0) },
    "reciprocal": unary { reciprocal($0) },
    "tanh": unary { tanh($0) },
    "sigmoid": unary { sigmoid($0) },
    "relu": unary { relu($0) },
    "silu": unary { silu($0) },
    "gelu": { _, x, attributes in
      switch try attributes.text("approximate") {
      case "erf": [gelu(x[0])]
      case "tanh": [gelu(x[0], approximate: true)]
      default: throw NotYet()
      }
    },
    "softplus": unary { softplus($0) },
    "erf": unary { erf($0) },
    "sin": unary { sin($0) },
    "cos": unary { cos($0) },
    "where": { _, x, _ in [select(x[0], x[1], x[2])] },
  ]

  static func reduction(
    _ function: @escaping @Sendable (Value, [Int]?, Bool) -> Value
  ) -> Definition {
    { _, x, attributes in
      let axes = attributes.isNull("axes") ? nil : try attributes.integers("axes")
      return [function(x[0], axes, try attributes.bool("keepdims"))]
    }
  }

  private static let reductions: [String: Definition] = [
    "sum": reduction { sum($0, axes: $1, keepDimensions: $2) },
    "mean": reduction { mean($0, axes: $1, keepDimensions: $2) },
    "max": reduction { max($0, axes: $1, keepDimensions: $2) },
    "min": reduction { min($0, axes: $1, keepDimensions: $2) },
    "logsumexp": reduction { logSumExp($0, axes: $1, keepDimensions: $2) },
    "norm": reduction { norm($0, axes: $1, keepDimensions: $2) },
    "softmax": { _, x, attributes in [softmax(x[0], axis: try attributes.integer("axis"))] },
    "log_softmax": { _, x, attributes in [logSoftmax(x[0], axis: try attributes.integer("axis"))] },
  ]

  private static let shapes: [String: Definition] = [
    "reshape": { _, x, attributes in [reshape(x[0], Shape(try attributes.integers("shape")))] },
    "broadcast_to": { _, x, attributes in [broadcast(x[0], to: Shape(try attributes.integers("shape")))] },
    "transpose": { _, x, attributes in [transpose(x[0], permutation: try attributes.integers("permutation"))]
    },
    "concat": { _, x, attributes in [concat(x, axis: try attributes.integer("axis"))] },
    "stack": { _, x, attributes in [stack(x, axis: try attributes.integer("axis"))] },
    "split": { _, x, attributes in
      split(x[0], sizes: try attributes.integers("sizes"), axis: try attributes.integer("axis"))
    },
    "slice": { _, x, attributes in
      [
        slice(
          x[0], starts: try attributes.optionalIntegers("starts"),
          stops: try attributes.optionalIntegers("stops"),
          steps: try attributes.integers("steps"))
      ]
    },
    "pad": { _, x, attributes in
      let pads = try attributes.list("pads").map { try Members(["pad": $0]).integers("pad") }
      guard pads.allSatisfy({ $0.count == 2 }) else { throw FixtureError("a pad is no pair") }
      let pairs = pads.map { (before: $0[0], after: $0[1]) }
      switch try attributes.text("mode") {
      case "constant": return [pad(x[0], pairs, value: try attributes.number("value"))]
      case "reflect": return [reflectPad(x[0], pairs)]
      default: throw NotYet()
      }
    },
    "gather": { _, x, attributes in [gather(x[0], x[1], axis: try attributes.integer("axis"))] },
    "embedding": { _, x, _ in [embedding(x[0], x[1])] },
    "index_select": { _, x, attributes in [indexSelect(x[0], x[1], axis: try attributes.integer("axis"))] },
    "scatter_add": { _, x, attributes in [scatterAdd(x[0], x[1], x[2], axis: try attributes.integer("axis"))]
    },
  ]

  private static let contractions: [String: Definition] = [
    "matmul": { _, x, attributes in
      [
        matmul(
          x[0], x[1], transposeA: try attributes.bool("transpose_a"),
          transposeB: try attributes.bool("transpose_b"))
      ]
    }
  ]

  private static let losses: [String: Definition] = [
    "cross_entropy": { _, x, attributes in
      [
        crossEntropy(
          x[0], x[1], reduction: try reduction(attributes),
          ignoreIndex: try attributes.optionalInteger("ignore_index"),
          labelSmoothing: try attributes.number("label_smoothing"))
      ]
    },
    "nll": { _, x, attributes in
      [
        negativeLogLikelihood(
          x[0], x[1], reduction: try reduction(attributes),
          ignoreIndex: try attributes.optionalInteger("ignore_index"))
      ]
    },
    "mse": { _, x, attributes in [meanSquaredError(x[0], x[1], reduction: try reduction(attributes))] },
    "contrastive": { _, x, attributes in
      [
        contrastiveLoss(
          x[0], x[1], x[2], margin: try attributes.number("margin"),
          epsilon: try attributes.number("epsilon"),
          reduction: try reduction(attributes))
      ]
    },
  ]

  static func reduction(_ attributes: Members) throws -> Reduction {
    switch try attributes.text("reduction") {
    case "mean": .mean
    case "sum": .sum
    case "none": .none
    default: throw NotYet()
    }
  }
}

/// The operator is there, but not this variant of it.
struct NotYet: Error {}
