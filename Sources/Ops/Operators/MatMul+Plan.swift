/// The lengths of a batched matrix product and where each operand's matrices lie.
struct MatMulGeometry {
  let m: Int
  let n: Int
  let k: Int

  /// The leading axes of the output.
  let batch: Shape

  /// For each leading axis, the distance in elements between successive matrices; 0 where broadcast.
  let batchStridesA: [Int]
  let batchStridesB: [Int]

  /// Whether `b` is one matrix for all leading axes and `a` holds its rows in order, so that everything is one
  /// product with batch × m rows.
  let rowsContinueOverBatch: Bool

  init(_ matMul: MatMul, _ signature: Signature) {
    let (a, b, output) = (signature.inputs[0].shape, signature.inputs[1].shape, signature.outputs[0].shape)
    (m, k) = MatMulGeometry.matrix(a, transposed: matMul.transposeA)
    n = output[output.rank - 1]
    batch = Shape(output.dropLast(2))
    batchStridesA = MatMulGeometry.strides(of: a, over: batch)
    batchStridesB = MatMulGeometry.strides(of: b, over: batch)
    let matricesInA = a.dropLast(2).reduce(1, *)
    rowsContinueOverBatch =
      !matMul.transposeA && matricesInA == batch.elementCount && batch.elementCount > 1
      && b.dropLast(2).allSatisfy { $0 == 1 }
  }

  /// Rows and columns of the matrices in the last two axes.
  static func matrix(_ shape: Shape, transposed: Bool) -> (rows: Int, columns: Int) {
    let (first, second) = (shape[shape.rank - 2], shape[shape.rank - 1])
    return transposed ? (second, first) : (first, second)
  }

  private static func strides(of operand: Shape, over batch: Shape) -> [Int] {
    let shift = batch.rank - (operand.rank - 2)
    let own = operand.strides
    return (0..<batch.rank).map { axis in
      axis < shift || operand[axis - shift] == 1 ? 0 : own[axis - shift]
    }
  }
}

/// A matrix product bound to a region of the output: one ``MatrixProduct`` and where it is repeated.
struct MatMulPlan: Sendable, BitwiseCopyable {
  let product: MatrixProduct

  // Offsets of the first product and strides in bytes, and the repetitions over leading axes, innermost first.
  private var offsetA = 0
  private var offsetB = 0
  private var offsetC = 0
  private var axes = 0
  private var repetitions = 1
  private var lengths = SIMD8<Int>(repeating: 1)
  private var stridesA = SIMD8<Int>(repeating: 0)
  private var stridesB = SIMD8<Int>(repeating: 0)
  private var stridesC = SIMD8<Int>(repeating: 0)

  init(_ geometry: MatMulGeometry, _ matMul: MatMul, _ signature: Signature, region: Region)
    throws(ShapeError)
  {
    let (m, n, k) = (geometry.m, geometry.n, geometry.k)
    let rank = region.rank
    let (rows, columns) = (region[rank - 2], region[rank - 1])
    let outputStrides = signature.outputs[0].shape.strides
    let (lda, ldb) = (matMul.transposeA ? m : k, matMul.transposeB ? k : n)
    offsetA = rows.lowerBound * (matMul.transposeA ? 1 : lda)
    offsetB = columns.lowerBound * (matMul.transposeB ? ldb : 1)
    offsetC = rows.lowerBound * n + columns.lowerBound

    // The inner leading axes that are rows of one long product, as far as the region covers them wholly.
    var height = rows.count
    var outer = rank - 2
    if geometry.rowsContinueOverBatch, rows.count == m {
      while outer > 0 {
        outer -= 1
        height *= region[outer].count
        offsetA += region[outer].lowerBound * geometry.batchStridesA[outer]
        offsetC += region[outer].lowerBound * outputStrides[outer]
        if region[outer].count != geometry.batch[outer] { break }
      }
    }
    for axis in (0..<outer).reversed() {
      let range = region[axis]
      offsetA += range.lowerBound * geometry.batchStridesA[axis]
      offsetB += range.lowerBound * geometry.batchStridesB[axis]
      offsetC += range.lowerBound * outputStrides[axis]
      repetitions *= range.count
      guard range.count != 1 else { continue }
      lengths[axes] = range.count
      stridesA[axes] = geometry.batchStridesA[axis]
      stridesB[axes] = geometry.batchStridesB[axis]
      stridesC[axes] = outputStrides[axis]
      axes += 1
    }
    product = try MatrixProduct(
      signature.outputs[0].dtype, m: height, n: columns.count, k: k, transposeA: matMul.transposeA,
      transposeB: matMul.transposeB, lda: lda, ldb: ldb, ldc: n, accumulating: matMul.accumulating)
    let bytes = signature.outputs[0].dtype.byteCount
    offsetA *= bytes
    offsetB *= bytes
    offsetC *= bytes
    stridesA &*= bytes
    stridesB &*= bytes
    stridesC &*= bytes
  }

  /// Multiplies all matrices of the region: inputs 0 and 1 into argument `output`.
  func run(_ arguments: KernelArguments, output: Int) -> KernelStatus {
    var a = arguments.pointers[0] + offsetA
    var b = arguments.pointers[1] + offsetB
    var c = arguments.pointers[output] + offsetC
    let scratch = arguments.scratch
    guard repetitions != 1 else { return product.multiply(a, b, into: c, scratch: scratch) }
    var position = SIMD8<Int>(repeating: 0)
    for _ in 0..<repetitions {
      let status = product.multiply(a, b, into: c, scratch: scratch)
      guard status.code == .success else { return status }
      for axis in 0..<axes {
        position[axis] += 1
        a += stridesA[axis]
        b += stridesB[axis]
        c += stridesC[axis]
        guard position[axis] == lengths[axis] else { break }
        a -= stridesA[axis] * lengths[axis]
        b -= stridesB[axis] * lengths[axis]
        c -= stridesC[axis] * lengths[axis]
        position[axis] = 0
      }
    }
    return .success
  }
}
