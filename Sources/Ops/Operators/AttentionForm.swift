internal import CKernels

/// What the scores of an attention are made of: their scale and their masks.
public struct AttentionForm: Hashable, Sendable {
  /// Whether query i sees keys 0 to i only.
  public let isCausal: Bool

  /// What q·k is multiplied by; nil for 1/√width.
  public let scale: Double?

  /// A form from its parts.
  public init(isCausal: Bool = false, scale: Double? = nil) {
    self.isCausal = isCausal
    self.scale = scale
  }

  /// The scale for queries of a width.
  public func scale(width: Int) -> Double { scale ?? 1 / Double(width).squareRoot() }

  var attributes: [Attribute] {
    [Attribute("causal", isCausal), Attribute("scale", scale.map { "\($0)" } ?? "1/√D")]
  }

  /// Throws unless q, k, v and perhaps a mask fit each other.
  func check(
    _ operation: some Operator, _ q: TensorType, _ k: TensorType, _ v: TensorType, mask: TensorType?
  ) throws(ShapeError) {
    let name = operation.name
    try operation.expectFloatingPoint(q)
    _ = try operation.expectEqualTypes([q, k, v])
    guard q.rank >= 2, k.rank == q.rank, v.rank == q.rank else {
      throw ShapeError(
        .rank,
        "\(name) takes q, k, v of the form [B, H, T, D], with as many axes each; \(q), \(k), \(v) were given")
    }
    let leading = q.rank - 2
    guard q.shape.prefix(leading).elementsEqual(k.shape.prefix(leading)),
      k.shape.prefix(leading + 1).elementsEqual(v.shape.prefix(leading + 1))
    else {
      throw ShapeError(
        .dimension,
        "\(name): batch and heads of q, k, v must be equal, and k and v of one length; \(q), \(k), \(v) were given"
      )
    }
    guard q.shape[leading + 1] == k.shape[leading + 1], q.shape[leading + 1] > 0 else {
      throw ShapeError(
        .dimension, "\(name): q and k must have one width, at least 1; \(q) and \(k) were given")
    }
    if let scale, !scale.isFinite {
      throw ShapeError(.attribute, "\(name): the scale is \(scale); it must be finite")
    }
    guard let mask else { return }
    guard mask.dtype == .bool || mask.dtype == q.dtype else {
      throw ShapeError(.dtype, "\(name): a mask is bool or \(q.dtype); \(mask) was given; cast it first")
    }
    let scores = AttentionForm.scores(q, k)
    guard mask.rank <= scores.rank, mask.shape.broadcast(with: scores) == scores else {
      throw ShapeError(
        .dimension, "\(name): the mask \(mask) does not broadcast to the scores' shape \(scores)")
    }
  }

  /// The shape of the scores that are never kept.
  static func scores(_ q: TensorType, _ k: TensorType) -> Shape {
    Shape(q.shape.dropLast() + [k.shape[k.rank - 2]])
  }
}

/// The heads of a region of an attention, and where their matrices and masks lie.
struct AttentionHeads: Sendable, BitwiseCopyable {
  let level: ck_level
  let dtype: ck_dtype

  /// One head, as the kernels take it.
  let head: ck_attention

  /// Elements of a head's query, key, value, output and statistics.
  let query: Int
  let key: Int
  let value: Int
  let output: Int
  let statistic: Int
  private let bytes: Int
  private let maskBytes: Int

  // The loops over leading axes, innermost first: how many heads, and how far in the mask.
  private var first = 0
  private var firstMask = 0
  private var depth = 0
  private var repetitions = 1
  private var lengths = SIMD8<Int>(repeating: 1)
  private var strides = SIMD8<Int>(repeating: 0)
  private var maskStrides = SIMD8<Int>(repeating: 0)

  /// - Parameter rows: The queries to compute.
  init(
    _ form: AttentionForm, q: TensorType, k: TensorType, v: TensorType, mask: TensorType?, region: Region,
    rows: Range<Int>
  ) {
    level = VectorLevel.current.level
    dtype = q.dtype.code
    bytes = q.dtype.byteCount
    maskBytes = mask?.dtype.byteCount ?? 0
    let leading = q.rank - 2
    let (queries, width) = (q.shape[leading], q.shape[leading + 1])
    let (keys, valueWidth) = (k.shape[leading], v.shape[leading + 1])
    (query, key, value) = (queries * width, keys * width, keys * valueWidth)
    (output, statistic) = (queries * valueWidth, queries)
    let scores = AttentionForm.scores(q, k)
    var inMask = [Int](repeating: 0, count: scores.rank)
    if let mask {
      let own = mask.shape.strides
      let shift = scores.rank - mask.rank
      for axis in shift..<scores.rank where mask.shape[axis - shift] != 1 { inMask[axis] = own[axis - shift] }
    }
    head = ck_attention(
      queries: queries, keys: keys, width: width, value_width: valueWidth, begin: rows.lowerBound,
      end: rows.upperBound, scale: form.scale(width: width), causal: form.isCausal ? 1 : 0,
      mask: mask.map { $0.dtype == .bool ? CK_MASK_KEEPS : CK_MASK_ADDS } ?? CK_UNMASKED,
      mask_row: inMask[leading], mask_column: inMask[leading + 1])
    let inHeads = Shape(q.shape.prefix(leading)).strides
    for axis in (0..<leading).reversed() {
      first += region[axis].lowerBound * inHeads[axis]
      firstMask += region[axis].lowerBound * inMask[axis]
      repetitions *= region[axis].count
      guard region[axis].count != 1 else { continue }
      lengths[depth] = region[axis].count
      strides[depth] = inHeads[axis]
      maskStrides[depth] = inMask[axis]
      depth += 1
    }
  }

  /// Whether there is nothing to compute.
  var isEmpty: Bool { repetitions == 0 || head.begin == head.end }

  /// Bytes of scratch for a call.
  var scratchBytes: Int { withUnsafePointer(to: head) { ck_attention_scratch(level, dtype, $0) } }

  /// An offset in bytes.
  @inline(__always)
  func offset(_ index: Int, of elements: Int) -> Int { index * elements * bytes }

  /// Calls `body` with the number of every head and the offset of its mask in bytes.
  @inline(__always)
  func forEach(_ body: (_ head: UnsafePointer<ck_attention>, _ index: Int, _ mask: Int) -> Void) {
    withUnsafePointer(to: head) { head in
      var (index, mask) = (first, firstMask)
      var position = SIMD8<Int>(repeating: 0)
      for _ in 0..<repetitions {
        body(head, index, mask * maskBytes)
        for loop in 0..<depth {
          position[loop] += 1
          index += strides[loop]
          mask += maskStrides[loop]
          guard position[loop] == lengths[loop] else { break }
          index -= strides[loop] * lengths[loop]
          mask -= maskStrides[loop] * lengths[loop]
          position[loop] = 0
        }
      }
    }
  }
}
