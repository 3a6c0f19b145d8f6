public import TributaryOps

/// ``DifferentiableOperator``: for C = A′·B′, with A′ and B′ transposed where the attributes say so, dA′ = dC·B′ᵀ and
/// dB′ = A′ᵀ·dC, each as one product whose flags do the transposing.
extension MatMul: DifferentiableOperator {
  /// The products, summed over broadcast leading axes; an addend gets the cotangent itself.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let a = context.inputs[0]
    let b = context.inputs[1]
    let dc = context.dy
    func product(_ x: Value, _ isXTransposed: Bool, _ y: Value, _ isYTransposed: Bool) -> Value {
      context.apply(MatMul(transposeA: isXTransposed, transposeB: isYTransposed), x, y)
    }
    let da = context.when(0) {
      let whole = transposeA ? product(b, transposeB, dc, true) : product(dc, false, b, !transposeB)
      return context.unbroadcast(whole, to: 0)
    }
    let db = context.when(1) {
      // Against one matrix, the leading axes of A are more rows to sum over: one product, no sum afterwards.
      let isTall = b.rank == 2 && a.rank > 2 && !transposeA
      let left = isTall ? rows(a) : a
      let right = isTall ? rows(dc) : dc
      let whole =
        transposeB ? product(right, true, left, transposeA) : product(left, !transposeA, right, false)
      return context.unbroadcast(whole, to: 1)
    }
    return accumulating ? [da, db, dc] : [da, db]
  }
}

/// A value as one tall matrix of its rows.
private func rows(_ x: Value) -> Value {
  reshaped(x, [x.shape.dimensions.dropLast().reduce(1, *), x.shape[x.rank - 1]])
}
