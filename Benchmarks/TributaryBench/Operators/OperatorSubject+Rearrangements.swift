internal import Tributary
internal import TributaryMeasuring

extension OperatorSubject {
  /// Operators that move elements and compute nothing else.
  static let rearrangements: [OperatorSubject] = [
    moved("broadcast_to", "", "x[0].expand(x[1].shape).contiguous()", { [[1, $0.matrix[1]], $0.matrix] }) {
      x in
      [broadcast(x[0], to: x[1].shape)]
    },
    moved("transpose", "", "x[0].t().contiguous()", { [$0.matrix] }) { [transpose($0[0])] },
    moved(
      "transpose", "of heads", "x[0].transpose(1, 2).contiguous()",
      { $0.pick([[2, 16, 2, 16]], [[4, 64, 4, 64]], [[32, 512, 16, 64]]) }
    ) { [transpose($0[0], permutation: [0, 2, 1, 3])] },
    moved("concat", "", "torch.cat(x, 1)", { [$0.matrix, $0.matrix] }) { [concat($0, axis: 1)] },
    moved("stack", "", "torch.stack(x)", { [$0.matrix, $0.matrix] }) { [stack($0)] },
    moved("split", "", "[p.contiguous() for p in x[0].chunk(2, 1)]", { [$0.matrix] }) { x in
      let half = x[0].shape[1] / 2
      return split(x[0], sizes: [half, half], axis: 1)
    },
    moved("slice", "", "x[0][1:, ::2].contiguous()", { [$0.matrix] }) { x in
      [slice(x[0], starts: [1, 0], stops: [nil, nil], steps: [1, 2])]
    },
    moved("pad", "", "F.pad(x[0], (1, 1, 1, 1))", { [$0.matrix] }) { x in
      [pad(x[0], [(before: 1, after: 1), (before: 1, after: 1)])]
    },
    moved("tile", "", "x[0].repeat(1, 2)", { [$0.matrix] }) { [tile($0[0], repeats: [1, 2])] },
    moved("flip", "", "torch.flip(x[0], (1,))", { [$0.matrix] }) { [flip($0[0], axes: [1])] },
    moved("roll", "", "torch.roll(x[0], 5, 1)", { [$0.matrix] }) { [roll($0[0], shifts: [5], axes: [1])] },
    moved("tril", "", "torch.tril(x[0])", { [$0.matrix] }) { [tril($0[0])] },
    OperatorSubject(
      "gather", goal: .peer, "torch.gather(x[0], 1, x[1])",
      { [CaseInput($0.matrix), CaseInput($0.matrix, .index, below: $0.matrix[1])] },
      { _, x in [gather(x[0], x[1], axis: 1)] }),
    OperatorSubject(
      "embedding", goal: .peer, "F.embedding(x[1], x[0])",
      { [CaseInput(table($0)), CaseInput(ids($0), .index, below: table($0)[0])] }, gradient: [0],
      { _, x in [embedding(x[0], x[1])] }),
    OperatorSubject(
      "index_select", goal: .peer, "torch.index_select(x[0], 0, x[1])",
      { [CaseInput($0.matrix), CaseInput([$0.matrix[0]], .index, below: $0.matrix[0])] },
      { _, x in [indexSelect(x[0], x[1], axis: 0)] }),
    OperatorSubject(
      "scatter_add", goal: .peer, "torch.scatter_add(x[0], 1, x[1], x[2])",
      {
        [CaseInput($0.matrix), CaseInput($0.matrix, .index, below: $0.matrix[1]), CaseInput($0.matrix)]
      },
      { _, x in [scatterAdd(x[0], x[1], x[2], axis: 1)] }),
    OperatorSubject(
      "one_hot", goal: .none, "F.one_hot(x[0], 64).float()",
      { [CaseInput([$0.elementCount / 64], .index, below: 64)] }, { _, x in [oneHot(x[0], count: 64)] }),
  ]

  /// The table of an embedding.
  private static func table(_ size: ShapeClass) -> [Int] { size.pick([64, 64], [1000, 64], [50_000, 256]) }

  /// The rows that it is asked for.
  private static func ids(_ size: ShapeClass) -> [Int] { size.pick([16], [1024], [32, 2048]) }

  private static func moved(
    _ name: String, _ variant: String, _ call: String,
    _ shapes: @escaping @Sendable (ShapeClass) -> [[Int]],
    _ function: @escaping @Sendable ([Value]) -> [Value]
  ) -> OperatorSubject {
    OperatorSubject(
      name, variant, goal: .bandwidth, call, { shapes($0).map { CaseInput($0) } }, { _, x in function(x) })
  }
}
