internal import TributaryOps

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
