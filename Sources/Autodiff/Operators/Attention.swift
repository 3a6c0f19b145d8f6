public import TributaryOps

/// Scaled dot-product attention (Vaswani and others 2017): softmax(scale · q·kᵀ, masked) · v, for every sample and head.
///
/// The scores are computed block by block and never kept, in both directions (Rabe and Staats 2021; Dao and others 2022,
/// "FlashAttention"): memory is linear in T and S. Costs 2·T·S·(D + E) operations a head and an exponential for each
/// score; the gradient 2·T·S·(3·D + 2·E). Derivatives of the gradient, and the gradient by a floating-point mask, are
/// written out and do keep all scores.
///
/// A query that sees no key gives zeros. Keys and values that are masked out count for nothing, but must be finite.
/// Errors of `compile`: ranks, shapes or element types that do not fit, a mask that does not broadcast to the scores, a
/// scale that is not finite.
/// - Parameters:
///   - q: `[B, H, T, D]`, f32 or f64; any number of leading axes in place of `B, H`.
///   - k: `[B, H, S, D]`, of q's element type.
///   - v: `[B, H, S, E]`, of q's element type.
///   - mask: Broadcast to `[B, H, T, S]`. A bool keeps the scores where it is true; a mask of q's element type is added to
///     them.
///   - causal: Query i sees keys 0 to i only.
///   - scale: What q·k is multiplied by; nil for 1/√D.
/// - Returns: `[B, H, T, E]`.
public func scaledDotProductAttention(
  _ q: Value, _ k: Value, _ v: Value, mask: Value? = nil, causal: Bool = false, scale: Double? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Value {
  q.builder.emit(
    Attention(AttentionForm(isCausal: causal, scale: scale)), [q, k, v] + (mask.map { [$0] } ?? []),
    SourceSite(file, line))
}

extension Attention: DifferentiableOperator {
  /// ``AttentionGradient``, which computes the scores again. Only the cotangent of an additive mask is written out with
  /// all scores, and made only when needed.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let (output, logarithms) = (context.outputs[0], context.outputs[1])
    let dy = context.dy
    let inner = reduce(.sum, dy * output, [output.rank - 1], false)
    let deltas = context.cotangents[1].map { inner - $0 } ?? inner
    let operands = [dy] + context.inputs.prefix(3) + [logarithms, deltas] + context.inputs.dropFirst(3)
    var results = [Value?](repeating: nil, count: context.inputs.count)
    if (0..<3).contains(where: { context.needs($0) }) {
      let outputs = context.builder.apply(AttentionGradient(form), to: operands)
      for index in 0..<3 { results[index] = outputs[index] }
    }
    if results.count > 3 {
      results[3] = context.when(3) { context.unbroadcast(WrittenOutScores(form, operands).ds, to: 3) }
    }
    return results
  }
}

/// ``DifferentiableOperator``: the gradient written out, with all scores.
extension AttentionGradient: DifferentiableOperator {
  /// The cotangents of do, q, k, v, both statistics and an additive mask.
  public func vjp(_ context: VJPContext) -> [Value?] {
    context.pullBack { inputs in
      let scores = WrittenOutScores(form, inputs)
      let (q, k) = (inputs[1], inputs[2])
      return [
        matmul(scores.ds, k) * scores.scale, matmul(scores.ds, q, transposeA: true) * scores.scale,
        matmul(scores.p, inputs[0], transposeA: true),
      ]
    }
  }
}

/// The probabilities of an attention and the cotangents of its scores, [.., T, S], from the inputs of its gradient.
private struct WrittenOutScores {
  let scale: Double

  /// exp(scores − logarithm).
  let p: Value

  /// p·(do·vᵀ − delta).
  let ds: Value

  init(_ form: AttentionForm, _ inputs: [Value]) {
    let (q, k) = (inputs[1], inputs[2])
    let builder = q.builder
    scale = form.scale(width: q.shape[q.rank - 1])
    var scores = matmul(q, k, transposeB: true) * scale
    let nothing = builder.constant(-.infinity, dtype: q.dtype)
    if inputs.count > 6 {
      let mask = inputs[6]
      scores = mask.dtype == .bool ? builder.emit(Where(), [mask, scores, nothing]) : scores + mask
    }
    if form.isCausal {
      let lengths = scores.shape.dimensions.suffix(2)
      let type = TensorType(.int64, Shape(lengths))
      let query = builder.emit(Iota(type: type, axis: 0), [])
      let key = builder.emit(Iota(type: type, axis: 1), [])
      scores = builder.emit(Where(), [key .<= query, scores, nothing])
    }
    let column = inputs[4].shape.inserting(axis: inputs[4].rank)
    // Where a query sees no key the logarithm is −∞, and every probability 0.
    let zero = builder.constant(0, dtype: q.dtype)
    let logarithm = builder.emit(Where(), [inputs[4] .== -.infinity, zero, inputs[4]])
    p = unary(.exp, scores - reshaped(logarithm, column))
    ds = p * (matmul(inputs[0], inputs[3], transposeB: true) - reshaped(inputs[5], column))
  }
}
