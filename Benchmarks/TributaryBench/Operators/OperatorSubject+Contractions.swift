internal import Tributary
internal import TributaryMeasuring

extension OperatorSubject {
  /// Matrix products.
  static let contractions: [OperatorSubject] = [
    product("", "x[0] @ x[1]", square) { matmul($0, $1) },
    product("a·bᵀ", "x[0] @ x[1].t()", square) { matmul($0, $1, transposeB: true) },
    product("aᵀ·b", "x[0].t() @ x[1]", square) { matmul($0, $1, transposeA: true) },
    product(
      "skinny", "x[0] @ x[1]", goal: .peer,
      { $0.pick([[4, 64], [64, 10]], [[32, 128], [128, 128]], [[64, 4096], [4096, 1024]]) }
    ) { matmul($0, $1) },
    product(
      "a vector", "x[0] @ x[1]", goal: .peer,
      { $0.pick([[16, 64], [64]], [[256, 256], [256]], [[4096, 4096], [4096]]) }
    ) { a, b in reshape(matmul(a, reshape(b, [b.shape[0], 1])), [a.shape[0]]) },
    product(
      "batches", "x[0] @ x[1]", goal: .peer,
      {
        $0.pick(
          [[8, 8, 8], [8, 8, 8]], [[16, 64, 64], [16, 64, 64]], [[64, 256, 256], [64, 256, 256]])
      }
    ) { matmul($0, $1) },
    OperatorSubject(
      "outer", goal: .bandwidth, "torch.outer(x[0], x[1])",
      { [CaseInput([$0.matrix[0]]), CaseInput([$0.matrix[1]])] }, { _, x in [outer(x[0], x[1])] }),
    OperatorSubject(
      "einsum", "bqhd,bkhd->bhqk", goal: .peer, "torch.einsum('bqhd,bkhd->bhqk', x[0], x[1])",
      {
        let shape = $0.pick([1, 16, 2, 16], [4, 64, 4, 64], [8, 256, 8, 64])
        return [CaseInput(shape), CaseInput(shape)]
      }, { _, x in [einsum("bqhd,bkhd->bhqk", x)] }),
  ]

  private static let square: @Sendable (ShapeClass) -> [[Int]] = { size in
    let side = size.pick(32, 256, 1024)
    return [[side, side], [side, side]]
  }

  private static func product(
    _ variant: String, _ call: String, goal: OperatorGoal = .products,
    _ shapes: @escaping @Sendable (ShapeClass) -> [[Int]],
    _ function: @escaping @Sendable (Value, Value) -> Value
  ) -> OperatorSubject {
    OperatorSubject(
      "matmul", variant, goal: goal, call, { shapes($0).map { CaseInput($0) } },
      { _, x in [function(x[0], x[1])] })
  }
}
