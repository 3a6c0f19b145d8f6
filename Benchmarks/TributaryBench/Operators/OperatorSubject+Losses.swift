internal import Tributary
internal import TributaryMeasuring

extension OperatorSubject {
  /// Losses.
  static let losses: [OperatorSubject] = [
    OperatorSubject(
      "cross_entropy", goal: .peer, "F.cross_entropy(x[0], x[1])",
      { [CaseInput($0.matrix), CaseInput([$0.matrix[0]], .index, below: $0.matrix[1])] }, gradient: [0],
      { _, x in [crossEntropy(x[0], x[1])] }),
    OperatorSubject(
      "nll", goal: .none, "F.nll_loss(x[0], x[1])",
      { [CaseInput($0.matrix), CaseInput([$0.matrix[0]], .index, below: $0.matrix[1])] },
      { _, x in [negativeLogLikelihood(x[0], x[1])] }),
    pair("mse", "F.mse_loss(x[0], x[1])") { meanSquaredError($0, $1) },
    pair("l1", "F.l1_loss(x[0], x[1])") { meanAbsoluteError($0, $1) },
    pair("huber", "F.huber_loss(x[0], x[1])") { huberLoss($0, $1) },
    pair("bce_with_logits", "F.binary_cross_entropy_with_logits(x[0], x[1])", .real, .share) {
      binaryCrossEntropy(logits: $0, targets: $1)
    },
    pair("kl_div", "F.kl_div(x[0], x[1], reduction='batchmean')", .real, .share) { klDivergence($0, $1) },
    OperatorSubject(
      "contrastive", goal: .peer, contrastive,
      { [CaseInput($0.matrix), CaseInput($0.matrix), CaseInput([$0.matrix[0]], .share)] },
      { _, x in [contrastiveLoss(x[0], x[1], x[2])] }),
  ]

  /// PyTorch has no such function; this is how it is written there.
  private static let contrastive =
    "(lambda s: (x[2] * s + (1 - x[2]) * torch.relu(1 - torch.sqrt(s)) ** 2).mean())"
    + "(((x[0] - x[1]) ** 2).sum(1) + 1e-12)"

  private static func pair(
    _ name: String, _ call: String, _ first: CaseInput.Fill = .real, _ second: CaseInput.Fill = .real,
    _ function: @escaping @Sendable (Value, Value) -> Value
  ) -> OperatorSubject {
    OperatorSubject(
      name, goal: .peer, call, { [CaseInput($0.matrix, first), CaseInput($0.matrix, second)] },
      gradient: [0], { _, x in [function(x[0], x[1])] })
  }
}
