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

  /// The library's version, such as `2.6.3`.
  static var version: String {
    let number = tdnn_version()
    return "\(number / 10000).\(number / 100 % 100).\(number % 100)"
  }

  /// Multiplies f32 matrices on the calling thread alone. The library allocates its work memory in every call.
  @inline(__always)
  static func multiply(
    _ shape: ck_product, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, into c: UnsafeMutableRawPointer
  ) -> KernelStatus {
    let code = tdnn_sgemm(
      shape.turn_a != 0, shape.turn_b != 0, Int64(shape.m), Int64(shape.n), Int64(shape.k),
      a.assumingMemoryBound(to: Float.self), Int64(shape.lda), b.assumingMemoryBound(to: Float.self),
      Int64(shape.ldb), Float(shape.add), c.assumingMemoryBound(to: Float.self), Int64(shape.ldc))
    return code == 0 ? .success : KernelStatus(.libraryFailure, detail: Int(code))
  }
}
