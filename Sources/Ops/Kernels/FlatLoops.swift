internal import CKernels

/// The loops of an elementwise function over short rows along which operands are broadcast.
///
/// A vector loop over a row of 3 or 8 elements costs more to enter than to run. Where the output is contiguous, what is
/// broadcast is spread over blocks in scratch memory, and the function runs over each block as one row:
///
///     [1024, 8] + [8]       the row is repeated 128 times, once; then 8 loops over 1024 elements
///     [1024, 3] · [1024, 1] each factor of a block is written three times; then 3 loops over at most 1023 elements
///
/// Every element is computed as before, so no bit changes.
struct FlatLoops {
  /// The loops.
  private(set) var flat = ck_flat()

  /// The bytes of scratch memory for what is spread.
  private(set) var scratchBytes = 0

  /// Rows of this length or longer are loops of their own.
  private static let shortRow = 64

  /// The most elements of a block: what is spread of two operands of f32 takes a fourth of a small first cache.
  private static let blockElements = 1024

  /// The loops over a region; nil where rows are long, nothing is spread, or a region cuts the
  /// output's rows.
  init?(_ signature: Signature, region: Region, constants: SIMD4<Double> = .zero) {
    let shape = signature.outputs[0].shape
    guard signature.inputs.contains(where: { $0.shape != shape && $0.elementCount != 1 }) else { return nil }
    let operands = signature.inputs + signature.outputs
    let layout = LoopAxes(operands: operands.map(\.shape), output: shape, region: region)
    let axes = layout.axes
    guard axes.count > 1, axes[axes.count - 1].count < FlatLoops.shortRow, region.elementCount > 0 else {
      return nil
    }
    // The block's axes: as many as fit, the first of them cut if need be.
    let output = operands.count - 1
    var first = axes.count - 1
    var rowElements = 1
    while rowElements * axes[first].count <= FlatLoops.blockElements, first > 0 {
      let inner = rowElements * axes[first].count
      guard axes[first - 1].strides[output] == inner,
        operands.indices.allSatisfy({ FlatLoops.merged(axes[(first - 1)...], $0).count <= 3 })
      else { break }
      first -= 1
      rowElements = inner
    }
    guard first < axes.count - 1 else { return nil }
    let blockRows = min(axes[first].count, max(1, FlatLoops.blockElements / rowElements))

    flat.constant = (constants[0], constants[1], constants[2], constants[3])
    flat.outer.operands = Int32(operands.count)
    flat.rows = axes[first].count
    flat.block_rows = blockRows
    flat.row_elements = rowElements
    for axis in axes[..<first] { ck_outer_add(&flat.outer, axis.count, axis.strides) }
    for operand in operands.indices {
      var it = ck_flat_operand()
      it.base = layout.base[operand]
      it.row = axes[first].strides[operand]
      let loops = FlatLoops.merged(axes[first...], operand)
      if loops.count > 1 {
        it.size = Int32(operands[operand].dtype.byteCount)
        it.place = Int32(scratchBytes)
        it.is_alike = axes[...first].allSatisfy { $0.strides[operand] == 0 } ? 1 : 0
        it.leading = Int32(3 - loops.count)
        let counts = [loops[0].count / axes[first].count] + loops.dropFirst().map(\.count)
        let padding = Array(repeating: 1, count: 3 - loops.count)
        it.count = FlatLoops.triple((padding + counts).map { Int32($0) })
        it.stride = FlatLoops.triple(padding + loops.map(\.stride))
        scratchBytes += (blockRows * rowElements * Int(it.size) + 127) / 64 * 64
      }
      ck_flat_set(&flat, Int32(operand), it, loops.count > 1 ? 1 : Int32(loops[0].stride))
    }
  }

  /// An operand's own loops over the axes, the outermost first, neighbours merged.
  private static func merged(_ axes: ArraySlice<LoopAxes.Axis>, _ operand: Int) -> [(count: Int, stride: Int)]
  {
    var loops: [(count: Int, stride: Int)] = []
    for axis in axes {
      let next = (count: axis.count, stride: axis.strides[operand])
      if let last = loops.last, last.stride == next.count * next.stride {
        loops[loops.count - 1] = (last.count * next.count, next.stride)
      } else {
        loops.append(next)
      }
    }
    return loops
  }

  private static func triple<Number>(_ numbers: [Number]) -> (Number, Number, Number) {
    (numbers[0], numbers[1], numbers[2])
  }
}
