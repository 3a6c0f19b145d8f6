internal import CKernels

/// A product of row-major matrices, `c = op(a)·op(b)` or `c += op(a)·op(b)`, with the back end chosen when it is made.
///
/// The only way to a matrix product. `op(a)` is m × k, `op(b)` k × n; `lda`, `ldb` and `ldc` are the distances in
/// elements between the rows as stored, so that a product may work inside larger matrices.
struct MatrixProduct: Sendable, BitwiseCopyable {
  private let code: ck_dtype
  private let elementBytes: Int
  let backEnd: GEMMBackEnd

  /// The product as our own kernel takes it.
  private(set) var shape: ck_product

  /// Whether a and b have changed places: a column c = op(a)·b is computed as the row cᵀ = bᵀ·op(a)ᵀ.
  private let exchanged: Bool

  private let level: ck_level

  /// A product; the back end comes from ``GEMMBackEnd/table(_:dtype:m:n:k:transposeA:transposeB:)`` unless given.
  /// - Throws: `ShapeError` when a length does not fit the libraries' integers.
  init(
    _ dtype: DType, m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool, lda: Int, ldb: Int, ldc: Int,
    accumulating: Bool, choice: GEMMChoice? = nil
  ) throws(ShapeError) {
    let largest = max(m, n, k, lda, ldb, ldc)
    guard largest <= Int(Int32.max) else {
      throw ShapeError(
        .overflow, "matmul: a length of \(largest) is more than a matrix product takes (\(Int32.max))")
    }
    let choice =
      choice
      ?? GEMMChoice.table(
        InstructionSet.current, dtype: dtype, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB
      )
    code = dtype.code
    elementBytes = dtype.byteCount
    backEnd = choice.backEnd
    level = VectorLevel.current.level
    exchanged = choice.backEnd == .own && n == 1 && ldc <= 1
    let (turnA, turnB): (Int32, Int32) = (transposeA ? 1 : 0, transposeB ? 1 : 0)
    let add: Int32 = accumulating ? 1 : 0
    if exchanged {
      shape = ck_product(
        m: 1, n: m, k: k, lda: max(ldb, 1), ldb: max(lda, 1), ldc: max(m, 1), turn_a: 1 - turnB,
        turn_b: 1 - turnA,
        add: add, lay_a: 0, lay_b: 0)
    } else {
      shape = ck_product(
        m: m, n: n, k: k, lda: max(lda, 1), ldb: max(ldb, 1), ldc: max(ldc, 1), turn_a: turnA, turn_b: turnB,
        add: add, lay_a: choice.laysA ? 1 : 0, lay_b: choice.laysB ? 1 : 0)
    }
    KernelLibraries.prepare()
  }

  /// Bytes of scratch that a call needs.
  var scratchBytes: Int {
    backEnd == .own ? withUnsafePointer(to: shape) { ck_gemm_scratch(level, code, $0) } : 0
  }

  /// Multiplies matrices of the product's element type.
  @inline(__always)
  func multiply(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, into c: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer
  ) -> KernelStatus {
    guard shape.m > 0, shape.n > 0 else { return .success }
    if shape.k == 0 {
      if shape.add == 0 { clear(c) }
      return .success
    }
    switch backEnd {
    case .own:
      withUnsafePointer(to: shape) { shape in
        exchanged
          ? ck_gemm(level, code, shape, b, a, c, scratch)
          : ck_gemm(level, code, shape, a, b, c, scratch)
      }
      return .success
    case .oneDNN:
      announce(a, b, c)
      return DNN.multiply(shape, a, b, into: c)
    case .openBLAS:
      announce(a, b, c)
      OpenBLAS.multiply(code, shape, a, b, into: c)
      return .success
    }
  }

  /// Zeroes `c`: the product of matrices without an inner length.
  private func clear(_ c: UnsafeMutableRawPointer) {
    let bytes = elementBytes
    for row in 0..<shape.m {
      (c + row * shape.ldc * bytes).initializeMemory(as: UInt8.self, repeating: 0, count: shape.n * bytes)
    }
  }

  /// Tells ThreadSanitizer what a library touches.
  @inline(__always)
  private func announce(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer) {
    let bytes = Int64(elementBytes)
    let (m, n, k) = (Int64(shape.m), Int64(shape.n), Int64(shape.k))
    let (turnA, turnB) = (shape.turn_a != 0, shape.turn_b != 0)
    ck_access_read(a, turnA ? k : m, (turnA ? m : k) * bytes, Int64(shape.lda) * bytes)
    ck_access_read(b, turnB ? n : k, (turnB ? k : n) * bytes, Int64(shape.ldb) * bytes)
    ck_access_write(c, m, n * bytes, Int64(shape.ldc) * bytes)
  }
}
