internal import CKernels

/// Scaled dot-product attention (Vaswani and others 2017): softmax(scale · q·kᵀ, masked) · v, head by head.
///
/// Inputs are q [.., T, D], k [.., S, D], v [.., S, E] of one element type, f32 or f64, with equal leading axes (batch and
/// heads), and optionally a mask that broadcasts to the scores [.., T, S]: a bool keeps scores where true, a mask of q's
/// element type is added to them. Outputs are o [.., T, E] and, for the gradient, the logarithm of each query's sum of
/// exponentials, [.., T]. A query that sees no key gives zeros and −∞. Keys that are masked out count for nothing, but must be finite.
///
/// The scores are computed in blocks and never kept: memory is linear in T and S. The softmax goes along online (Rabe and
/// Staats 2021, "Self-attention does not need O(n²) memory"; Dao and others 2022, "FlashAttention"). Costs
/// 2·T·S·(D + E) operations a head, half of it when causal, and an exponential for each score. Block products are our own
/// packed kernels, so that the last bits depend on the instruction-set level as those of matrix products do.
public struct Attention: Operator, Hashable {
  /// The scale and the causal mask.
  public let form: AttentionForm

  /// An attention of a form.
  public init(_ form: AttentionForm = AttentionForm()) { self.form = form }

  /// `attention`.
  public var name: String { "attention" }

  /// What the operator was made with.
  public var attributes: [Attribute] { form.attributes }

  /// The types of the output and of the logarithms.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard inputs.count == 3 || inputs.count == 4 else {
      throw ShapeError(
        .arity, "\(name) takes q, k, v and perhaps a mask, and was given \(inputs.count) inputs")
    }
    let (q, v) = (inputs[0], inputs[2])
    try form.check(self, q, inputs[1], v, mask: inputs.count > 3 ? inputs[3] : nil)
    let output = Shape(q.shape.dropLast() + [v.shape[v.rank - 1]])
    try output.validate()
    return [TensorType(q.dtype, output), TensorType(q.dtype, Shape(q.shape.dropLast()))]
  }

  /// Two products of matrices and 14 operations a score for each head.
  public func cost(_ signature: Signature) -> Cost {
    attentionCost(
      signature, q: signature.inputs[0], k: signature.inputs[1], v: signature.inputs[2], form, products: 1)
  }

  /// Batch and heads, then blocks of queries.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    let shape = signature.inputs[0].shape
    let heads = (0..<shape.rank - 2).filter { shape[$0] > 1 }.map { SplitAxis($0) }
    let block = Int(CK_ATTENTION_QUERIES)
    return heads
      + (shape[shape.rank - 2] > block ? [SplitAxis(shape.rank - 2, minimum: block, multiple: block)] : [])
  }

  /// The region's queries, all keys and values of its heads, and their mask.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let shape = signature.inputs[index].shape
    var result = Region(whole: shape)
    let shift = region.rank - shape.rank
    let axes = index == 1 || index == 2 ? region.rank - 2 : region.rank - 1
    for axis in shift..<Swift.max(axes, shift) where index < 3 || shape[axis - shift] != 1 {
      result[axis - shift] = region[axis]
    }
    return result
  }

  /// The region's queries.
  public func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    guard index == 1 else { return region }
    var result = Region(whole: signature.outputs[1].shape)
    for axis in 0..<result.rank { result[axis] = region[axis] }
    return result
  }

  private func heads(_ signature: Signature, region: Region) -> AttentionHeads {
    let inputs = signature.inputs
    return AttentionHeads(
      form, q: inputs[0], k: inputs[1], v: inputs[2], mask: inputs.count > 3 ? inputs[3] : nil,
      region: region,
      rows: region[region.rank - 2])
  }

  /// Two blocks of scores, one of queries, and what a product lays out.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int {
    heads(signature, region: region).scratchBytes
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let heads = heads(signature, region: region)
    guard !heads.isEmpty else { return Kernel { _ in .success } }
    let count = signature.inputs.count
    return Kernel { arguments in
      let p = arguments.pointers
      heads.forEach { head, index, mask in
        ck_attention_forward(
          heads.level, heads.dtype, head, p[0] + heads.offset(index, of: heads.query),
          p[1] + heads.offset(index, of: heads.key), p[2] + heads.offset(index, of: heads.value),
          count > 3 ? p[3] + mask : nil, p[count] + heads.offset(index, of: heads.output),
          p[count + 1] + heads.offset(index, of: heads.statistic), arguments.scratch)
      }
      return .success
    }
  }
}

/// The gradient of ``Attention`` by q, k and v in one operator, which computes the scores again, block by block, and keeps
/// none of them (Dao and others 2022, "FlashAttention", algorithm 4).
///
/// Inputs are do (the output's cotangent), q, k, v, the logarithms that the attention gave, Σ do·o less their own cotangent
/// for each query, [.., T], and the mask if there was one. Outputs are dq, dk and dv. Costs 2·T·S·(3·D + 2·E) operations a
/// head. Cut along batch and heads only, since all queries add to dk and dv.
public struct AttentionGradient: Operator, Hashable {
  /// The scale and the causal mask.
  public let form: AttentionForm

  /// The gradient of an attention of the same form.
  public init(_ form: AttentionForm) { self.form = form }

  /// `attention_gradient`.
  public var name: String { "attention_gradient" }

  /// What the operator was made with.
  public var attributes: [Attribute] { form.attributes }

  /// The types of q, k and v.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard inputs.count == 6 || inputs.count == 7 else {
      throw ShapeError(
        .arity,
        "\(name) takes do, q, k, v, two statistics and perhaps a mask, and was given \(inputs.count) inputs")
    }
    let (q, v) = (inputs[1], inputs[3])
    try form.check(self, q, inputs[2], v, mask: inputs.count > 6 ? inputs[6] : nil)
    let output = TensorType(q.dtype, Shape(q.shape.dropLast() + [v.shape[v.rank - 1]]))
    try expect(inputs[0], toBe: output, "cotangent")
    for index in 4...5 {
      try expect(
        inputs[index], toBe: TensorType(q.dtype, Shape(q.shape.dropLast())), "the queries' statistics")
    }
    return [q, inputs[2], v]
  }

  /// Five products of matrices and 16 operations a score for each head.
  public func cost(_ signature: Signature) -> Cost {
    attentionCost(
      signature, q: signature.inputs[1], k: signature.inputs[2], v: signature.inputs[3], form, products: 2.5)
  }

  /// Batch and heads.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    let shape = signature.inputs[1].shape
    return (0..<shape.rank - 2).filter { shape[$0] > 1 }.map { SplitAxis($0) }
  }

  private func region(of shape: Shape, for region: Region) -> Region {
    var result = Region(whole: shape)
    let heads = region.rank - 2
    for axis in 0..<heads { result[axis] = region[axis] }
    return result
  }

  /// The region's heads.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let shape = signature.inputs[index].shape
    guard index == 6 else { return self.region(of: shape, for: region) }
    var result = Region(whole: shape)
    let shift = region.rank - shape.rank
    for axis in shift..<Swift.max(region.rank - 2, shift) where shape[axis - shift] != 1 {
      result[axis - shift] = region[axis]
    }
    return result
  }

  /// The region's heads.
  public func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    self.region(of: signature.outputs[index].shape, for: region)
  }

  private func heads(_ signature: Signature, region: Region) -> AttentionHeads {
    let inputs = signature.inputs
    return AttentionHeads(
      form, q: inputs[1], k: inputs[2], v: inputs[3], mask: inputs.count > 6 ? inputs[6] : nil,
      region: region,
      rows: 0..<inputs[1].shape[region.rank - 2])
  }

  /// Two blocks of scores, one of queries, and what a product lays out.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int {
    heads(signature, region: region).scratchBytes
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let heads = heads(signature, region: region)
    let count = signature.inputs.count
    return Kernel { arguments in
      let p = arguments.pointers
      heads.forEach { head, index, mask in
        let (query, key) = (heads.offset(index, of: heads.query), heads.offset(index, of: heads.key))
        let value = heads.offset(index, of: heads.value)
        let statistic = heads.offset(index, of: heads.statistic)
        ck_attention_backward(
          heads.level, heads.dtype, head, p[0] + heads.offset(index, of: heads.output), p[1] + query,
          p[2] + key,
          p[3] + value, p[4] + statistic, p[5] + statistic, count > 6 ? p[6] + mask : nil, p[count] + query,
          p[count + 1] + key, p[count + 2] + value, arguments.scratch)
      }
      return .success
    }
  }
}

/// `products` times the two products of the forward pass, and the functions of the scores.
private func attentionCost(
  _ signature: Signature, q: TensorType, k: TensorType, v: TensorType, _ form: AttentionForm, products: Double
) -> Cost {
  let scores = Double(AttentionForm.scores(q, k).elementCount) * (form.isCausal ? 0.5 : 1)
  let widths = Double(q.shape[q.rank - 1] + v.shape[v.rank - 1])
  return Cost(
    flops: scores * (2 * products * widths + 14),
    bytesRead: Double(signature.inputs.reduce(0) { $0 + $1.byteCount }),
    bytesWritten: Double(signature.outputs.reduce(0) { $0 + $1.byteCount }))
}
