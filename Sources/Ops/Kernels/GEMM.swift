internal import CKernels
internal import COpenBLAS

#if canImport(Glibc)
  internal import Glibc
#endif

/// A product of row-major matrices, `c = op(a)·op(b)` or `c += op(a)·op(b)`, with the back end chosen when it is made.
///
/// The only way to a matrix product, and the only user of OpenBLAS. `op(a)` is m × k, `op(b)` k × n; `lda`, `ldb` and
/// `ldc` are the distances in elements between the rows as stored, so that a product may work inside larger matrices.
struct MatrixProduct: Sendable, BitwiseCopyable {
  let m: Int
  let n: Int
  let k: Int
  let transposeA: Bool
  let transposeB: Bool
  let lda: Int
  let ldb: Int
  let ldc: Int
  let accumulating: Bool
  let backEnd: GEMMBackEnd

  /// A product; the back end comes from ``GEMMBackEnd/table(_:dtype:m:n:k:transposeA:transposeB:)`` unless given.
  /// - Throws: `ShapeError` when a length does not fit the library's integers.
  init(
    _ dtype: DType, m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool, lda: Int, ldb: Int, ldc: Int,
    accumulating: Bool, backEnd: GEMMBackEnd? = nil
  ) throws(ShapeError) {
    let largest = max(m, n, k, lda, ldb, ldc)
    guard largest <= Int(Int32.max) else {
      throw ShapeError(
        .overflow, "matmul: a length of \(largest) is more than a matrix product takes (\(Int32.max))")
    }
    self.m = m
    self.n = n
    self.k = k
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.lda = max(lda, 1)
    self.ldb = max(ldb, 1)
    self.ldc = max(ldc, 1)
    self.accumulating = accumulating
    self.backEnd =
      backEnd
      ?? GEMMBackEnd.table(
        DNN.instructionSet, dtype: dtype, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB)
    if self.backEnd == .openBLAS { OpenBLAS.prepare() }
  }

  /// Multiplies in f32.
  func multiply(
    _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>, into c: UnsafeMutablePointer<Float>
  ) -> KernelStatus {
    guard m > 0, n > 0 else { return .success }
    if k == 0 {
      if !accumulating { clear(c, elementBytes: 4) }
      return .success
    }
    switch backEnd {
    case .own:
      ck_gemm_small_f32(
        Int64(m), Int64(n), Int64(k), a, Int64(lda), transposeA, b, Int64(ldb), transposeB, c, Int64(ldc),
        accumulating)
      return .success
    case .oneDNN:
      announce(a, b, c, elementBytes: 4)
      return DNN.multiply(self, a: a, b: b, c: c)
    case .openBLAS:
      announce(a, b, c, elementBytes: 4)
      ck_gate_enter(OpenBLAS.callsAtOnce)
      cblas_sgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
        Int32(m),
        Int32(n), Int32(k), 1, a, Int32(lda), b, Int32(ldb), accumulating ? 1 : 0, c, Int32(ldc))
      ck_gate_leave()
      return .success
    }
  }

  /// Multiplies in f64.
  func multiply(
    _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, into c: UnsafeMutablePointer<Double>
  ) -> KernelStatus {
    guard m > 0, n > 0 else { return .success }
    if k == 0 {
      if !accumulating { clear(c, elementBytes: 8) }
      return .success
    }
    switch backEnd {
    case .own:
      ck_gemm_small_f64(
        Int64(m), Int64(n), Int64(k), a, Int64(lda), transposeA, b, Int64(ldb), transposeB, c, Int64(ldc),
        accumulating)
    case .openBLAS, .oneDNN:
      announce(a, b, c, elementBytes: 8)
      ck_gate_enter(OpenBLAS.callsAtOnce)
      cblas_dgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
        Int32(m),
        Int32(n), Int32(k), 1, a, Int32(lda), b, Int32(ldb), accumulating ? 1 : 0, c, Int32(ldc))
      ck_gate_leave()
    }
    return .success
  }

  /// Zeroes `c`: the product of matrices without an inner length.
  private func clear(_ c: UnsafeMutableRawPointer, elementBytes: Int) {
    for row in 0..<m { memset(c + row * ldc * elementBytes, 0, n * elementBytes) }
  }

  /// Tells ThreadSanitizer what the library touches.
  @inline(__always)
  private func announce(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer, elementBytes: Int
  ) {
    let bytes = Int64(elementBytes)
    ck_access_read(
      a, Int64(transposeA ? k : m), Int64(transposeA ? m : k) * bytes, Int64(lda) * bytes)
    ck_access_read(
      b, Int64(transposeB ? n : k), Int64(transposeB ? k : n) * bytes, Int64(ldb) * bytes)
    ck_access_write(c, Int64(m), Int64(n) * bytes, Int64(ldc) * bytes)
  }
}

/// OpenBLAS as one process uses it.
enum OpenBLAS {
  /// Calls inside the library at once. It has two work buffers for each of the 64 threads that Debian builds it for,
  /// and ends the process when they run out; the gate keeps some free for the program's other callers.
  static let callsAtOnce: Int32 = 112

  /// The kernels in use, such as `SkylakeX`.
  static var kernels: String { String(cString: openblas_get_corename()) }

  /// The library's version and build options.
  static var configuration: String { String(cString: openblas_get_config()) }

  /// Makes the library compute on the calling thread alone, with kernels that fit the processor; once a process.
  static func prepare() { _ = prepared }

  private static let prepared: Void = {
    openblas_set_num_threads(1)
    tblas_end_threads()
    chooseKernels()
  }()

  /// Version 0.3.21 takes processors that it does not know for the oldest of their maker: `Prescott` (SSE3) on Xeons
  /// of the fourth and fifth generation, a quarter of the speed and less. The user's own choice is left alone.
  private static func chooseKernels() {
    guard getenv("OPENBLAS_CORETYPE") == nil else { return }
    let fitting: [String]
    switch DNN.instructionSet {
    case .avx512: fitting = ["SkylakeX", "Cooperlake", "SapphireRapids", "Zen"]
    case .avx2: fitting = ["Haswell", "Zen"]
    case .baseline: return
    }
    guard !fitting.contains(where: { $0.lowercased() == kernels.lowercased() }) else { return }
    // The library reads its choice from the environment only.
    setenv("OPENBLAS_CORETYPE", fitting[0], 1)
    _ = tblas_choose_kernels_again()
    unsetenv("OPENBLAS_CORETYPE")
  }
}
