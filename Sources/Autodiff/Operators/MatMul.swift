public import TributaryOps

/// The product of matrices in the last two axes; the axes before them are broadcast (NumPy's matmul).
///
/// `[…, m, k] · […, k, n] → […, m, n]`. A vector `[k]` on the left is taken as a row, on the right as a column, and that
/// axis does not appear in the result. A left operand with several leading axes against one matrix is multiplied as one
/// tall matrix. Costs 2·m·k·n floating-point operations a product.
/// - Parameters:
///   - a: f32 or f64.
///   - b: of the same element type.
///   - transposeA: Swaps the last two axes of `a` first; without effect on a vector.
///   - transposeB: Swaps the last two axes of `b` first; without effect on a vector.
public func matmul(
  _ a: Value, _ b: Value, transposeA: Bool = false, transposeB: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  let builder = a.builder
  guard builder.accepts([a, b], "matmul", site: site) else { return builder.poisoned() }
  guard a.rank > 0, b.rank > 0 else {
    let error = ShapeError(.rank, "a scalar has no axis to multiply along; use * for products with scalars")
    return builder.fail(error, "matmul", operands: [a, b], site: site)
  }
  guard inner(a, isLeft: true, transposeA) == inner(b, isLeft: false, transposeB) else {
    let error = ShapeError(
      .dimension,
      "inner lengths must be equal: \(a.shape)\(transposeA ? " transposed" : "") has"
        + " \(inner(a, isLeft: true, transposeA)) columns and \(b.shape)\(transposeB ? " transposed" : "") has"
        + " \(inner(b, isLeft: false, transposeB)) rows")
    return builder.fail(error, "matmul", operands: [a, b], site: site)
  }

  var left = a
  var right = b
  if a.rank == 1 { left = reshaped(a, a.shape.inserting(axis: 0), site) }
  if b.rank == 1 { right = reshaped(b, b.shape.inserting(axis: 1), site) }
  let isTallProduct = left.rank > 2 && right.rank == 2 && !transposeA
  let leading = left.shape.dimensions.dropLast()
  if isTallProduct {
    left = reshaped(left, [leading.reduce(1, *), left.shape[left.rank - 1]], site)
  }
  var product = builder.emit(
    MatMul(transposeA: transposeA && a.rank > 1, transposeB: transposeB && b.rank > 1), [left, right], site)
  guard !product.isPoisoned else { return product }
  if isTallProduct {
    product = reshaped(product, Shape(leading + [product.shape[1]]), site)
  }
  var shape = product.shape
  if b.rank == 1 { shape = shape.removing(axis: shape.rank - 1) }
  if a.rank == 1 { shape = shape.removing(axis: shape.rank - (b.rank == 1 ? 1 : 2)) }
  return shape == product.shape ? product : reshaped(product, shape, site)
}

/// The length that a product sums over, as one operand sees it.
private func inner(_ x: Value, isLeft: Bool, _ isTransposed: Bool) -> Int {
  if x.rank == 1 { return x.shape[0] }
  return x.shape[x.rank - (isLeft != isTransposed ? 1 : 2)]
}

func reshaped(_ x: Value, _ shape: Shape, _ site: SourceSite = .unknown) -> Value {
  x.shape == shape && !x.isAfterStep ? x : x.builder.emit(Reshape(shape: shape), [x], site)
}

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

extension MatMul {
  /// A′·Ḃ′ + Ȧ′·B′ + the addend's tangent.
  public func jvp(_ context: JVPContext) -> [Value?] {
    let product = MatMul(transposeA: transposeA, transposeB: transposeB)
    let terms = [
      context.tangents[0].map { context.apply(product, $0, context.inputs[1]) },
      context.tangents[1].map { context.apply(product, context.inputs[0], $0) },
      accumulating ? context.tangents[2] : nil,
    ].compactMap { $0 }
    return [terms.count == 1 ? terms[0] : context.builder.emit(Accumulate(), terms)]
  }
}
