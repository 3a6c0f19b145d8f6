internal import CKernels
internal import COpenBLAS

#if canImport(Glibc)
  internal import Glibc
#endif

/// The one door to OpenBLAS, as one process uses it.
enum OpenBLAS {
  /// Calls inside the library at once. It has two work buffers for each of the 64 threads that Debian builds it for,
  /// and ends the process when they run out; the gate keeps some free for the program's other callers.
  private static let callsAtOnce: Int32 = 112

  /// The kernels in use, such as `SkylakeX`.
  static var kernels: String { String(cString: openblas_get_corename()) }

  /// The library's version and build options. Asked for once: the library puts the answer together in one buffer for
  /// all threads.
  static let configuration: String = {
    prepare()
    return String(cString: openblas_get_config())
  }()

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

  /// Multiplies f32 or f64 matrices. The caller has called ``prepare()`` and checked the lengths.
  @inline(__always)
  static func multiply(
    _ dtype: ck_dtype, _ shape: ck_product, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer,
    into c: UnsafeMutableRawPointer
  ) {
    let transposeA = shape.turn_a != 0 ? CblasTrans : CblasNoTrans
    let transposeB = shape.turn_b != 0 ? CblasTrans : CblasNoTrans
    let (m, n, k) = (Int32(shape.m), Int32(shape.n), Int32(shape.k))
    let (lda, ldb, ldc) = (Int32(shape.lda), Int32(shape.ldb), Int32(shape.ldc))
    ck_gate_enter(callsAtOnce)
    if dtype == CK_F32 {
      cblas_sgemm(
        CblasRowMajor, transposeA, transposeB, m, n, k, 1, a.assumingMemoryBound(to: Float.self), lda,
        b.assumingMemoryBound(to: Float.self), ldb, Float(shape.add), c.assumingMemoryBound(to: Float.self),
        ldc)
    } else {
      cblas_dgemm(
        CblasRowMajor, transposeA, transposeB, m, n, k, 1, a.assumingMemoryBound(to: Double.self), lda,
        b.assumingMemoryBound(to: Double.self), ldb, Double(shape.add),
        c.assumingMemoryBound(to: Double.self), ldc)
    }
    ck_gate_leave()
  }
}
