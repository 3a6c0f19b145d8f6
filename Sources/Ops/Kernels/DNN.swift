internal import CKernels
internal import COneDNN

/// The one door to oneDNN.
enum DNN {
  /// The best instruction set that the library uses on this processor; `DNNL_MAX_CPU_ISA` may lower it.
  static let instructionSet: InstructionSet =
    switch tdnn_effective_isa() {
    case tdnn_isa_avx512: .avx512
    case tdnn_isa_avx2: .avx2
    default: .baseline
    }

  /// `c = op(a)·op(b) + beta·c` in f32, on the calling thread alone.
  @inline(__always)
  static func multiply(
    _ product: MatrixProduct, a: UnsafeMutablePointer<Float>, b: UnsafeMutablePointer<Float>,
    c: UnsafeMutablePointer<Float>
  ) -> KernelStatus {
    let code = tdnn_sgemm(
      product.transposeA, product.transposeB, Int64(product.m), Int64(product.n), Int64(product.k), a,
      Int64(product.lda), b, Int64(product.ldb), product.accumulating ? 1 : 0, c, Int64(product.ldc))
    return code == 0 ? .success : KernelStatus(.libraryFailure, detail: Int(code))
  }
}
