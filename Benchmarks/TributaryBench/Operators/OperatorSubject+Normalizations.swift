internal import Tributary
internal import TributaryMeasuring

extension OperatorSubject {
  /// Normalisations and attention.
  static let normalizations: [OperatorSubject] = [
    OperatorSubject(
      "layer_norm", goal: .peer, "F.layer_norm(x[0], x[1].shape, x[1], x[2])", affine, gradient: [0, 1, 2],
      { _, x in [layerNorm(x[0], weight: x[1], bias: x[2])] }),
    OperatorSubject(
      "rms_norm", goal: .peer, "F.rms_norm(x[0], x[1].shape, x[1], 1e-5)",
      { Array(affine($0).prefix(2)) }, gradient: [0, 1], { _, x in [rmsNorm(x[0], weight: x[1])] }),
    OperatorSubject(
      "group_norm", "8 groups", goal: .peer, "F.group_norm(x[0], 8, x[1], x[2])",
      { size in
        let shape = size.pick([2, 16, 4, 8], [4, 32, 16, 32], [64, 64, 64, 64])
        return [CaseInput(shape), CaseInput([shape[1]]), CaseInput([shape[1]])]
      }, gradient: [0, 1, 2], { _, x in [groupNorm(x[0], groups: 8, weight: x[1], bias: x[2])] }),
    OperatorSubject(
      "batch_norm", goal: .peer,
      "F.batch_norm(x[0], x[3].clone(), x[4].clone(), x[1], x[2], training=True)", channels,
      gradient: [0, 1, 2],
      { _, x in
        let result = batchNorm(
          x[0], weight: x[1], bias: x[2], runningMean: x[3], runningVariance: x[4], axis: 3)
        return [result.y, result.runningMean, result.runningVariance]
      }),
    OperatorSubject(
      "batch_norm", "for inference", goal: .peer, "F.batch_norm(x[0], x[3], x[4], x[1], x[2])", channels,
      { _, x in
        [batchNormInference(x[0], weight: x[1], bias: x[2], mean: x[3], variance: x[4], axis: 3)]
      }),
    attention("", "F.scaled_dot_product_attention(x[0], x[1], x[2])", isCausal: false),
    attention("causal", "F.scaled_dot_product_attention(x[0], x[1], x[2], is_causal=True)", isCausal: true),
  ]

  private static let affine: Inputs = { size in
    [CaseInput(size.matrix), CaseInput([size.matrix[1]], .positive), CaseInput([size.matrix[1]])]
  }

  private static let channels: Inputs = { size in
    let shape = size.pick([4, 4, 4, 16], [4, 16, 16, 64], [64, 64, 64, 64])
    let channels = [shape[3]]
    return [
      CaseInput(shape, layout: .images), CaseInput(channels, .positive), CaseInput(channels),
      CaseInput(channels), CaseInput(channels, .positive),
    ]
  }

  private static func attention(_ variant: String, _ call: String, isCausal: Bool) -> OperatorSubject {
    OperatorSubject(
      "scaled_dot_product_attention", variant, goal: .peer, call,
      { size in
        let shape = size.pick([1, 2, 16, 16], [4, 4, 64, 64], [8, 12, 512, 64])
        return [CaseInput(shape), CaseInput(shape), CaseInput(shape)]
      }, gradient: [0, 1, 2],
      { _, x in [scaledDotProductAttention(x[0], x[1], x[2], causal: isCausal)] })
  }
}
