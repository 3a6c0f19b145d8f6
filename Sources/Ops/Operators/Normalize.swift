internal import CKernels

/// Rows of elements normalised each by its own statistics: y = (x − mean) / √(variance + epsilon) · weight + bias.
///
/// Inputs are x, f32 or f64, and optionally a weight and then a bias of x's element type: of the normalised axes' shape,
/// or [C] for groups of channels. Outputs are y of x's type, then for each row the mean (not for root mean squares, whose
/// mean square takes the place of the variance) and 1 / √(variance + epsilon), which the gradient takes.
///
/// Mean and variance are found in one pass over memory, by the merging of blocks after Chan, Golub and LeVeque (1983),
/// "Algorithms for computing the sample variance"; rows that fit the first-level cache are read from memory once in all.
/// Costs about 8 operations an element. A row with a NaN, or an infinity, is NaN where it is centred.
public struct Normalize: Operator, Hashable {
  /// Which elements make a row.
  public let kind: RowNormalization

  /// What is added to the variance.
  public let epsilon: Double

  /// A normalisation with its attributes.
  public init(_ kind: RowNormalization, epsilon: Double = 1e-5) {
    self.kind = kind
    self.epsilon = epsilon
  }

  /// `layer_norm`, `rms_norm` or `group_norm`.
  public var name: String { kind.name }

  /// What the operator was made with.
  public var attributes: [Attribute] { [kind.attribute, Attribute("epsilon", epsilon)] }

  /// The type of x, then of the rows' statistics.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard (1...3).contains(inputs.count) else {
      throw ShapeError(
        .arity, "\(name) takes x, and perhaps a weight and a bias, and was given \(inputs.count)")
    }
    let layout = try layout(kind, inputs[0])
    try expectEpsilon(epsilon)
    for (input, what) in zip(inputs.dropFirst(), ["weight", "bias"]) {
      try expect(input, toBe: TensorType(inputs[0].dtype, layout.weights), what)
    }
    let statistics = TensorType(inputs[0].dtype, layout.statistics)
    return [inputs[0]] + (kind.isCentred ? [statistics, statistics] : [statistics])
  }

  /// About 8 operations an element.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 8) }

  /// The axes before the rows, or batch and groups.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    let shape = signature.inputs[0].shape
    return RowLayout(kind, shape).splitAxes(shape, keepingChunks: false)
  }

  /// The same region of x, all weights.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    index == 0 ? region : Region(whole: signature.inputs[index].shape)
  }

  /// The statistics of the region's rows.
  public func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    index == 0 ? region : RowLayout(kind, signature.inputs[0].shape).statisticsRegion(region)
  }

  /// y may take the place of x: a row is read before it is written.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool {
    input == 0 && output == 0
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let rows = NormalizedRows(
      RowLayout(kind, signature.inputs[0].shape), kind, epsilon: epsilon, dtype: signature.inputs[0].dtype,
      region)
    guard rows.count > 0 else { return Kernel { _ in .success } }
    let count = signature.inputs.count
    let isCentred = kind.isCentred
    return Kernel { arguments in
      let p = arguments.pointers
      rows.forEachOuter { norm, at in
        ck_normalize(
          rows.level, rows.dtype, norm, p[0] + at.elements, count > 1 ? p[1] + at.weights : nil,
          count > 2 ? p[2] + at.weights : nil, p[count] + at.elements,
          isCentred ? p[count + 1] + at.statistics : nil, p[count + (isCentred ? 2 : 1)] + at.statistics)
      }
      return .success
    }
  }
}

/// The rows of a region, bound to a kernel in C: one call for each outer index.
struct NormalizedRows: Sendable, BitwiseCopyable {
  let level: ck_level
  let dtype: ck_dtype
  private let norm: ck_norm
  private let firstOuter: Int
  private let endOuter: Int
  private let firstRow: Int
  private let bytes: Int

  // Rows and chunks for one outer index.
  private let rowsPerOuter: Int
  private let chunksPerOuter: Int

  /// Where the rows of a call begin, in bytes.
  struct Place {
    let elements: Int
    let weights: Int
    let statistics: Int
    let partials: Int
  }

  init(_ layout: RowLayout, _ kind: RowNormalization, epsilon: Double, dtype: DType, _ region: Region) {
    level = VectorLevel.current.level
    self.dtype = dtype.code
    rowsPerOuter = layout.rows
    chunksPerOuter = layout.partials[1]
    let rows = layout.rowRange(region)
    let outer = layout.outerRange(region)
    (firstOuter, endOuter, firstRow) = (outer.lowerBound, outer.upperBound, rows.lowerBound)
    bytes = dtype.byteCount
    norm = ck_norm(
      rows: rows.count, segments: layout.segments, inner: layout.inner,
      weight_step: layout.groups > 1 ? layout.segments : 0, chunk: layout.chunk,
      centred: kind.isCentred ? 1 : 0,
      epsilon: epsilon)
  }

  /// The number of rows.
  var count: Int { (endOuter - firstOuter) * norm.rows }

  @inline(__always)
  func forEachOuter(_ body: (UnsafePointer<ck_norm>, Place) -> Void) {
    withUnsafePointer(to: norm) { norm in
      for index in firstOuter..<endOuter {
        let row = index * rowsPerOuter + firstRow
        let partial = index * chunksPerOuter + firstRow / norm.pointee.chunk
        let (segments, inner) = (norm.pointee.segments, norm.pointee.inner)
        body(
          norm,
          Place(
            elements: row * segments * inner * bytes, weights: firstRow * norm.pointee.weight_step * bytes,
            statistics: row * bytes, partials: partial * segments * bytes))
      }
    }
  }
}
