internal import CKernels

/// The gradient of ``Normalize`` by x, and partial sums of those by weight and bias, in one operator:
/// dx = scale·(g − mean(g) − h·mean(g·h)) with g = dy·weight, h = (x − mean)·scale and means over a row; mean(g) only
/// where rows are centred.
///
/// Inputs are dy and x of one type, then the rows' means (not for root mean squares) and scales, then the weight if there
/// is one. Outputs are dx, then where asked for Σ dy·h and Σ dy, each [outer, chunks, segments] as ``RowLayout`` says: sums
/// over a fixed number of rows, so that no cut changes them, to be added up by a reduction. Reads dy and x from memory
/// once where rows fit the first-level cache. Costs about 16 operations an element.
public struct NormalizeGradient: Operator, Hashable {
  /// Which elements make a row.
  public let kind: RowNormalization

  /// Whether Σ dy·h is an output.
  public let sumsWeight: Bool

  /// Whether Σ dy is an output.
  public let sumsBias: Bool

  /// A gradient with its outputs.
  public init(_ kind: RowNormalization, sumsWeight: Bool, sumsBias: Bool) {
    self.kind = kind
    self.sumsWeight = sumsWeight
    self.sumsBias = sumsBias
  }

  /// The name of the normalisation and `_gradient`.
  public var name: String { kind.name + "_gradient" }

  /// What the operator was made with.
  public var attributes: [Attribute] {
    [kind.attribute, Attribute("sums_weight", sumsWeight), Attribute("sums_bias", sumsBias)]
  }

  /// How many inputs come before the weight.
  public var weightIndex: Int { kind.isCentred ? 4 : 3 }

  /// The rows of an input, which fits.
  public func layout(of x: TensorType) -> RowLayout { RowLayout(kind, x.shape) }

  /// The type of x, then of the partial sums.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard inputs.count == weightIndex || inputs.count == weightIndex + 1 else {
      throw ShapeError(
        .arity, "\(name) takes dy, x, statistics and perhaps a weight, and was given \(inputs.count) inputs")
    }
    let layout = try layout(kind, inputs[1])
    try expect(inputs[0], toBe: inputs[1], "cotangent")
    for index in 2..<weightIndex {
      try expect(inputs[index], toBe: TensorType(inputs[1].dtype, layout.statistics), "the rows' statistics")
    }
    if inputs.count > weightIndex {
      try expect(inputs[weightIndex], toBe: TensorType(inputs[1].dtype, layout.weights), "weight")
    }
    let partials = TensorType(inputs[1].dtype, layout.partials)
    return [inputs[1]] + (sumsWeight ? [partials] : []) + (sumsBias ? [partials] : [])
  }

  /// About 16 operations an element.
  public func cost(_ signature: Signature) -> Cost {
    Cost(
      flops: 16 * Double(signature.inputs[1].elementCount),
      bytesRead: Double(signature.inputs.reduce(0) { $0 + $1.byteCount }),
      bytesWritten: Double(signature.outputs.reduce(0) { $0 + $1.byteCount }))
  }

  /// The axes before the rows, or batch and groups; cuts fall between chunks.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    let type = signature.inputs[1]
    return layout(of: type).splitAxes(type.shape, keepingChunks: true)
  }

  /// The same region of dy and x, their rows' statistics, all weights.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    if index < 2 { return region }
    return index < weightIndex
      ? layout(of: signature.inputs[1]).statisticsRegion(region)
      : Region(whole: signature.inputs[index].shape)
  }

  /// The partial sums of the region's rows.
  public func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    index == 0 ? region : layout(of: signature.inputs[1]).partialsRegion(region)
  }

  /// dx may take the place of dy or x: a row is read before it is written.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool {
    input < 2 && output == 0
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let rows = NormalizedRows(
      layout(of: signature.inputs[1]), kind, epsilon: 0, dtype: signature.inputs[1].dtype, region)
    guard rows.count > 0 else { return Kernel { _ in .success } }
    let (scale, weight) = (weightIndex - 1, weightIndex)
    let (isCentred, hasWeight) = (kind.isCentred, signature.inputs.count > weightIndex)
    let dx = signature.inputs.count
    let dw = sumsWeight ? dx + 1 : 0
    let db = sumsBias ? dx + (sumsWeight ? 2 : 1) : 0
    return Kernel { arguments in
      let p = arguments.pointers
      rows.forEachOuter { norm, at in
        ck_normalize_gradient(
          rows.level, rows.dtype, norm, p[0] + at.elements, p[1] + at.elements,
          hasWeight ? p[weight] + at.weights : nil, isCentred ? p[2] + at.statistics : nil,
          p[scale] + at.statistics,
          p[dx] + at.elements, dw > 0 ? p[dw] + at.partials : nil, db > 0 ? p[db] + at.partials : nil)
      }
      return .success
    }
  }
}
