/// The instruction sets that kernels are chosen by.
enum InstructionSet: Int, Sendable, CaseIterable {
  case baseline
  case avx2
  case avx512
}

/// Who computes a matrix product.
enum GEMMBackEnd: String, Sendable, CaseIterable {
  /// Our own kernel, which packs nothing.
  case own = "c"
  /// OpenBLAS.
  case openBLAS = "openblas"
  /// oneDNN; float32 only.
  case oneDNN = "onednn:sgemm"
}

extension GEMMBackEnd {
  /// The back end for a product, from measurements and never from timing at run time.
  static func table(
    _ instructions: InstructionSet, dtype: DType, m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool
  ) -> GEMMBackEnd {
    if m * n * k <= 16 * 16 * 16 { return .own }
    guard dtype == .float32 else { return .openBLAS }
    switch instructions {
    case .avx512: return .oneDNN
    case .avx2:
      let large = min(m, n, k) >= 256
      return large && !transposeB ? .openBLAS : .oneDNN
    case .baseline: return .openBLAS
    }
  }
}
