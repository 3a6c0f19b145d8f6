import TributaryAutodiff
import TributaryOps

extension OperatorFamily {
  private static func rowsKind(_ d: inout Draw) -> (kind: RowNormalization, shape: Shape, weights: Shape) {
    var shape = d.shape(2...4, empty: false)
    switch d.below(3) {
    case 0:
      let rank = 1 + d.below(shape.rank - 1)
      return (.layer(rank: rank), shape, Shape(shape.suffix(rank)))
    case 1:
      let rank = 1 + d.below(shape.rank - 1)
      return (.rootMeanSquare(rank: rank), shape, Shape(shape.suffix(rank)))
    default:
      let groups = 1 + d.below(2)
      shape[1] = groups * (1 + d.below(3))
      return (.group(count: groups), shape, [shape[1]])
    }
  }

  private static func wildRows(_ d: inout Draw) -> RowNormalization {
    d.pick([.layer(rank: d.integer()), .rootMeanSquare(rank: d.integer()), .group(count: d.integer())])
  }

  private static func channels(
    _ d: inout Draw
  ) throws -> (axis: Int, x: Tensor, statistics: [Tensor], weight: Tensor, bias: Tensor) {
    let shape = d.shape(2...4, empty: false)
    let axis = d.axis(of: shape)
    let own: Shape = [shape[axis]]
    return (
      axis, try d.tensor(shape), [try d.tensor(own), try d.tensor(own, in: 0.5...2)], try d.tensor(own),
      try d.tensor(own)
    )
  }

  /// Normalisations by rows and by channels, with their gradients.
  static let normalizations: [OperatorFamily] = [
    OperatorFamily("Normalize", wild: { Normalize(wildRows(&$0), epsilon: $0.number()) }) { d in
      let (kind, shape, weights) = rowsKind(&d)
      let operands = try [d.tensor(shape), d.tensor(weights), d.tensor(weights)]
      return OperatorUse(Normalize(kind, epsilon: 0.1), Array(operands.prefix(1 + d.below(3))))
    },
    OperatorFamily(
      "NormalizeGradient",
      wild: { NormalizeGradient(wildRows(&$0), sumsWeight: $0.coin(), sumsBias: $0.coin()) }
    ) { d in
      let (kind, shape, weights) = rowsKind(&d)
      let x = try d.tensor(shape)
      let statistics = try Normalize(kind, epsilon: 0.1).evaluate(on: [x]).dropFirst()
      let sumsWeight = d.coin()
      return OperatorUse(
        NormalizeGradient(kind, sumsWeight: sumsWeight, sumsBias: sumsWeight && d.coin()),
        [try d.tensor(shape), x] + statistics + (d.coin() ? [try d.tensor(weights)] : []))
    },
    OperatorFamily("BatchNormalize", wild: { BatchNormalize(axis: $0.integer(), epsilon: $0.number()) }) {
      d in
      let (axis, x, _, weight, bias) = try channels(&d)
      return OperatorUse(
        BatchNormalize(axis: axis, epsilon: 0.1), Array([x, weight, bias].prefix(1 + d.below(3))))
    },
    OperatorFamily(
      "BatchNormalizeInference",
      wild: { BatchNormalizeInference(axis: $0.integer(), epsilon: $0.number()) }
    ) { d in
      let (axis, x, statistics, weight, bias) = try channels(&d)
      return OperatorUse(
        BatchNormalizeInference(axis: axis, epsilon: 0.1),
        [x] + statistics + [weight, bias].prefix(d.below(3)))
    },
    OperatorFamily(
      "BatchNormalizeGradient",
      wild: { BatchNormalizeGradient(axis: $0.integer(), epsilon: $0.number()) }
    ) { d in
      let (axis, x, statistics, weight, _) = try channels(&d)
      return OperatorUse(
        BatchNormalizeGradient(axis: axis, epsilon: 0.1),
        [try d.tensor(x.shape), x] + statistics + (d.coin() ? [weight] : []))
    },
    OperatorFamily(
      "BatchNormalizeSums", wild: { BatchNormalizeSums(axis: $0.integer(), epsilon: $0.number()) }
    ) { d in
      let (axis, x, statistics, _, _) = try channels(&d)
      return OperatorUse(
        BatchNormalizeSums(axis: axis, epsilon: 0.1), [try d.tensor(x.shape), x] + statistics)
    },
  ]
}
