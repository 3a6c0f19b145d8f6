import TributaryAutodiff
import TributaryOps

extension GradientCase {
  /// Normalisations by rows and by channels, with their gradients as functions of their own.
  static let normalizations: [GradientCase] = layers + groups + channels + inputStatistics

  private static let normalizedShapes: [(Shape, Int)] = [
    ([7], 1), ([4, 5], 1), ([3, 2, 4], 2), ([2, 67, 3], 1), ([3, 5], 2),
  ]

  private static let layers: [GradientCase] = normalizedShapes.flatMap { shape, rank in
    let own = Shape(shape.suffix(rank))
    return [
      GradientCase(
        "layer norm \(shape) \(rank)",
        points: { [try $0.tensor(shape), try $0.tensor(own), try $0.tensor(own)] },
        { _, x in layerNorm(x[0], weight: x[1], bias: x[2], normalizedRank: rank, epsilon: 0.1) }),
      GradientCase(
        "bare layer norm \(shape) \(rank)", points: { [try $0.tensor(shape)] },
        { _, x in layerNorm(x[0], normalizedRank: rank, epsilon: 0.1) }),
      GradientCase(
        "layer norm with a bias alone \(shape) \(rank)",
        points: { [try $0.tensor(shape), try $0.tensor(own)] },
        { _, x in square(layerNorm(x[0], bias: x[1], normalizedRank: rank, epsilon: 0.1)) }),
      GradientCase(
        "rms norm \(shape) \(rank)", points: { [try $0.tensor(shape), try $0.tensor(own)] },
        { _, x in rmsNorm(x[0], weight: x[1], normalizedRank: rank, epsilon: 0.1) }),
      GradientCase(
        "rms norm with a bias \(shape) \(rank)",
        points: { [try $0.tensor(shape), try $0.tensor(own), try $0.tensor(own)] },
        { _, x in square(rmsNorm(x[0], weight: x[1], bias: x[2], normalizedRank: rank, epsilon: 0.1)) }),
    ]
  }

  private static let groups: [GradientCase] =
    ([([3, 4], 2), ([2, 4, 3], 2), ([2, 3, 2, 2], 1), ([2, 3, 5], 3), ([2, 6, 1], 3)] as [(Shape, Int)])
    .flatMap { shape, count in
      [
        GradientCase(
          "group norm \(shape) \(count)",
          points: { [try $0.tensor(shape), try $0.tensor([shape[1]]), try $0.tensor([shape[1]])] },
          { _, x in groupNorm(x[0], groups: count, weight: x[1], bias: x[2], epsilon: 0.1) }),
        GradientCase(
          "bare group norm \(shape) \(count)", points: { [try $0.tensor(shape)] },
          { _, x in groupNorm(x[0], groups: count, epsilon: 0.1) }),
      ]
    }

  private static let channels: [GradientCase] =
    ([([6, 3], 1), ([3, 2, 4], 1), ([2, 3, 2, 2], 1), ([2, 2, 2, 3], -1), ([3, 4], 0)] as [(Shape, Int)])
    .flatMap { shape, axis in
      let count = shape[axis < 0 ? axis + shape.rank : axis]
      let constants = try? (
        Tensor((0..<count).map { Double($0) * 0.3 }, shape: [count]),
        Tensor((0..<count).map { 0.5 + Double($0) }, shape: [count])
      )
      return [
        GradientCase(
          "batch norm \(shape) \(axis)",
          points: { [try $0.tensor(shape), try $0.tensor([count]), try $0.tensor([count])] },
          { g, x in
            guard let constants else { return x[0] }
            let result = batchNorm(
              x[0], weight: x[1], bias: x[2], runningMean: g.constant(constants.0),
              runningVariance: g.constant(constants.1), momentum: 0.3, epsilon: 0.1, axis: axis)
            return sum(square(result.y)) + sum(result.runningMean * x[1])
              + sum(square(result.runningVariance))
          }),
        GradientCase(
          "bare batch norm \(shape) \(axis)", points: { [try $0.tensor(shape)] },
          { g, x in
            guard let constants else { return x[0] }
            return batchNorm(
              x[0], runningMean: g.constant(constants.0), runningVariance: g.constant(constants.1),
              epsilon: 0.1,
              axis: axis
            ).y
          }),
        GradientCase(
          "batch norm inference \(shape) \(axis)",
          points: { [try $0.tensor(shape), try $0.tensor([count]), try $0.tensor([count])] },
          { g, x in
            guard let constants else { return x[0] }
            return square(
              batchNormInference(
                x[0], weight: x[1], bias: x[2], mean: g.constant(constants.0),
                variance: g.constant(constants.1),
                epsilon: 0.1, axis: axis))
          }),
        GradientCase(
          "batch norm inference operator \(shape) \(axis)",
          points: {
            [
              try $0.tensor(shape), try $0.tensor([count]), try $0.tensor([count], in: 0.5...2),
              try $0.tensor([count]),
            ]
          },
          { g, x in
            let axis = axis < 0 ? axis + shape.rank : axis
            return square(
              g.apply(BatchNormalizeInference(axis: axis, epsilon: 0.1), to: x[0], x[1], x[2], x[3]))
          }),
      ]
    }

  /// Operators whose statistics are inputs and outputs of their own.
  private static let inputStatistics: [GradientCase] = [
    GradientCase(
      "statistics of a layer norm", points: { [try $0.tensor([3, 4])] },
      { g, x in
        let outputs = g.apply(Normalize(.layer(rank: 1), epsilon: 0.1), to: [x[0]])
        return sum(square(outputs[0])) + sum(square(outputs[1])) + sum(exp(outputs[2]))
      }),
    GradientCase(
      "statistics of a group norm", points: { [try $0.tensor([2, 4, 3])] },
      { g, x in
        let outputs = g.apply(Normalize(.group(count: 2), epsilon: 0.1), to: [x[0]])
        return sum(square(outputs[1])) + sum(exp(outputs[2]))
      }),
    GradientCase(
      "statistics of an rms norm", points: { [try $0.tensor([3, 4])] },
      { g, x in
        let outputs = g.apply(Normalize(.rootMeanSquare(rank: 1), epsilon: 0.1), to: [x[0]])
        return sum(square(outputs[0])) + sum(exp(outputs[1]))
      }),
    GradientCase(
      "gradient of a layer norm with chunks",
      points: {
        [
          try $0.tensor([67, 2]), try $0.tensor([67, 2]), try $0.tensor([67]),
          try $0.tensor([67], in: 0.5...2),
          try $0.tensor([2]),
        ]
      },
      { g, x in
        let outputs = g.apply(NormalizeGradient(.layer(rank: 1), sumsWeight: true, sumsBias: true), to: x)
        return sum(square(outputs[0])) + sum(square(outputs[1])) + sum(square(outputs[2]))
      }),
    GradientCase(
      "gradient of a batch norm",
      points: {
        [
          try $0.tensor([3, 2, 2]), try $0.tensor([3, 2, 2]), try $0.tensor([2]),
          try $0.tensor([2], in: 0.5...2),
        ]
      },
      { g, x in
        let outputs = g.apply(BatchNormalizeGradient(epsilon: 0.1), to: x)
        return sum(square(outputs[0])) + sum(square(outputs[1])) + sum(square(outputs[2]))
      }),
  ]

  /// Attentions: shapes, masks and forms; every mask leaves a query something to see, or does not.
  static let attentions: [GradientCase] = {
    func attention(
      _ name: String, _ q: Shape, _ k: Shape, _ v: Shape, mask: Tensor? = nil, causal: Bool = false,
      scale: Double? = nil
    ) -> GradientCase {
      GradientCase(
        "attention \(name)", points: { [try $0.tensor(q), try $0.tensor(k), try $0.tensor(v)] },
        { g, x in
          scaledDotProductAttention(
            x[0], x[1], x[2], mask: mask.map { g.constant($0) }, causal: causal, scale: scale)
        })
    }
    let kept = try? Tensor([true, false, true, true, true, false, false, false, false], shape: [3, 3])
    return [
      attention("plain", [2, 2, 3, 2], [2, 2, 3, 2], [2, 2, 3, 2]),
      attention("across", [1, 2, 3, 4], [1, 2, 5, 4], [1, 2, 5, 3], scale: 0.3),
      attention("causal", [2, 3, 2], [2, 3, 2], [2, 3, 2], causal: true),
      attention("causal with few keys", [5, 2], [2, 2], [2, 2], causal: true),
      attention("causal with few queries", [2, 2], [5, 2], [5, 2], causal: true),
      attention("with a mask", [2, 1, 3, 2], [2, 1, 3, 2], [2, 1, 3, 2], mask: kept),
      GradientCase(
        "attention with an additive mask",
        points: {
          [
            try $0.tensor([2, 2, 3, 2]), try $0.tensor([2, 2, 4, 2]), try $0.tensor([2, 2, 4, 2]),
            try $0.tensor([2, 1, 4]),
          ]
        },
        { _, x in scaledDotProductAttention(x[0], x[1], x[2], mask: x[3]) }),
      GradientCase(
        "attention's logarithms",
        points: { [try $0.tensor([3, 2]), try $0.tensor([4, 2]), try $0.tensor([4, 2])] },
        { g, x in
          let outputs = g.apply(Attention(), to: x)
          return sum(square(outputs[0])) + sum(square(outputs[1]))
        }),
    ]
  }()
}
