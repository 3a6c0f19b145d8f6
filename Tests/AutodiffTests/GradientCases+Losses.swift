import TributaryAutodiff
import TributaryOps

extension GradientCase {
  static let losses: [GradientCase] = crossEntropies + likelihoods + distances

  private static let reductions3: [Reduction] = [.mean, .sum, .none]

  private static let crossEntropies: [GradientCase] =
    reductions3.flatMap { reduction in
      [nil, 2].flatMap { (ignored: Int?) in
        [0, 0.2].map { smoothing in
          GradientCase(
            "cross-entropy \(reduction), ignoring \(ignored.map(String.init) ?? "none"), smoothing \(smoothing)",
            points: { [try $0.tensor([6, 4]), try Tensor([Int64(0), 3, 2, 1, 2, 0], shape: [6])] },
            { _, x in
              crossEntropy(x[0], x[1], reduction: reduction, ignoreIndex: ignored, labelSmoothing: smoothing)
            })
        }
      }
    } + [
      GradientCase(
        "cross-entropy of images",
        points: { [try $0.tensor([2, 3, 2, 2]), try $0.indices([2, 2, 2], below: 3)] },
        { _, x in crossEntropy(x[0], x[1]) }),
      GradientCase(
        "cross-entropy with a weight",
        points: { [try $0.tensor([4, 3]), try $0.indices([4], below: 3), try $0.tensor([4])] },
        { _, x in square(crossEntropy(x[0], x[1], reduction: .none) * x[2]) }),
    ]

  private static let likelihoods: [GradientCase] = reductions3.flatMap { reduction in
    [nil, 1].map { (ignored: Int?) in
      GradientCase(
        "likelihood \(reduction), ignoring \(ignored.map(String.init) ?? "none")",
        points: { [try $0.tensor([5, 3]), try Tensor([Int64(0), 1, 2, 1, 0], shape: [5])] },
        { _, x in negativeLogLikelihood(logSoftmax(x[0]), x[1], reduction: reduction, ignoreIndex: ignored) })
    }
  }

  private static let distances: [GradientCase] = reductions3.flatMap { reduction in
    [
      GradientCase(
        "squared error \(reduction)", points: { [try $0.tensor([3, 4]), try $0.tensor([3, 4])] },
        { _, x in meanSquaredError(x[0], x[1], reduction: reduction) }),
      GradientCase(
        "contrastive \(reduction)",
        points: { [try $0.tensor([5, 3], in: -0.5...0.5), try $0.tensor([5, 3], in: -0.5...0.5)] },
        { g, x in
          guard let same = try? Tensor([1.0, 0, 1, 0, 0], shape: [5]) else { return x[0] }
          return contrastiveLoss(x[0], x[1], g.constant(same), margin: 1.5, reduction: reduction)
        }),
    ]
  }

  /// Nets in small, in which contributions meet.
  static let composite: [GradientCase] = [
    GradientCase(
      "the seed", points: { [try $0.tensor([5, 1]), try $0.tensor([5, 5]), try $0.tensor([5, 5])] },
      { _, x in
        let x1 = matmul(x[1], x[0])
        let x2 = x[0] + matmul(x[2], x1)
        return norm(matmul(x[1], x1 + x2))
      }),
    GradientCase(
      "two layers",
      points: {
        [
          try $0.tensor([4, 3]), try $0.tensor([3, 5]), try $0.tensor([5]), try $0.tensor([5, 2]),
          try $0.tensor([2]),
          try $0.indices([4], below: 2),
        ]
      },
      { _, x in
        let hidden = tanh(matmul(x[0], x[1]) + x[2])
        return crossEntropy(matmul(hidden, x[3]) + x[4], x[5])
      }),
    GradientCase(
      "a recurrent net of four steps",
      points: {
        [try $0.tensor([4, 2, 3]), try $0.tensor([3, 4]), try $0.tensor([4, 4]), try $0.tensor([4])]
      },
      { _, x in
        var state = tanh(matmul(reshape(slice(x[0], axis: 0, 0..<1), [2, 3]), x[1]) + x[3])
        for step in 1..<4 {
          let now = reshape(slice(x[0], axis: 0, step..<step + 1), [2, 3])
          state = tanh(matmul(now, x[1]) + matmul(state, x[2]) + x[3])
        }
        return mean(square(state))
      }),
    GradientCase(
      "a layer norm", points: { [try $0.tensor([3, 4]), try $0.tensor([4]), try $0.tensor([4])] },
      { _, x in
        let centred = x[0] - mean(x[0], axes: [-1], keepDimensions: true)
        let variance = mean(square(centred), axes: [-1], keepDimensions: true)
        return centred * rsqrt(variance + 1e-5) * x[1] + x[2]
      }),
  ]
}
