internal import Tributary
internal import TributaryMeasuring

extension OperatorSubject {
  /// Reductions, searches, running sums and softmax.
  static let reductions: [OperatorSubject] = [
    matrix("sum", "of rows", .bandwidth, "x[0].sum(1)") { sum($0, axes: [1]) },
    matrix("sum", "of columns", .bandwidth, "x[0].sum(0)") { sum($0, axes: [0]) },
    matrix("sum", "of all", .bandwidth, "x[0].sum()") { sum($0) },
    matrix("mean", "of rows", .bandwidth, "x[0].mean(1)") { mean($0, axes: [1]) },
    matrix("mean", "of columns", .bandwidth, "x[0].mean(0)") { mean($0, axes: [0]) },
    matrix("max", "of rows", .bandwidth, "x[0].amax(1)") { max($0, axes: [1]) },
    matrix("max", "of columns", .bandwidth, "x[0].amax(0)") { max($0, axes: [0]) },
    matrix("min", "of rows", .bandwidth, "x[0].amin(1)") { min($0, axes: [1]) },
    matrix("prod", "of rows", .bandwidth, "x[0].prod(1)") { prod($0, axes: [1]) },
    matrix("norm", "of rows", .bandwidth, "torch.linalg.vector_norm(x[0], dim=1)") { norm($0, axes: [1]) },
    matrix("var", "of rows", .bandwidth, "x[0].var(1, correction=0)") { variance($0, axes: [1]) },
    matrix("logsumexp", "of rows", .peer, "torch.logsumexp(x[0], 1)") { logSumExp($0, axes: [1]) },
    matrix("argmax", "of rows", .bandwidth, "x[0].argmax(1)") { argMax($0, axis: 1) },
    matrix("argmin", "of rows", .bandwidth, "x[0].argmin(1)") { argMin($0, axis: 1) },
    matrix("cumsum", "along rows", .peer, "x[0].cumsum(1)") { cumulativeSum($0, axis: 1) },
    matrix("softmax", "", .peer, "torch.softmax(x[0], 1)", gradient: true) { softmax($0) },
    matrix("softmax", "of columns", .peer, "torch.softmax(x[0], 0)") { softmax($0, axis: 0) },
    matrix("log_softmax", "", .peer, "torch.log_softmax(x[0], 1)", gradient: true) { logSoftmax($0) },
    OperatorSubject(
      "sort", goal: .none, "torch.sort(x[0], dim=1, stable=True)", { [CaseInput($0.matrix)] },
      { _, x in
        let sorted = sort(x[0])
        return [sorted.values, sorted.indices]
      }),
    OperatorSubject(
      "top_k", "8 of rows", goal: .none, "torch.topk(x[0], 8, dim=1)", { [CaseInput($0.matrix)] },
      { _, x in
        let best = topK(x[0], 8)
        return [best.values, best.indices]
      }),
  ]

  private static func matrix(
    _ name: String, _ variant: String, _ goal: OperatorGoal, _ call: String, gradient: Bool = false,
    _ function: @escaping @Sendable (Value) -> Value
  ) -> OperatorSubject {
    OperatorSubject(
      name, variant, goal: goal, call, { [CaseInput($0.matrix)] }, gradient: gradient ? [0] : [],
      { _, x in [function(x[0])] })
  }
}
