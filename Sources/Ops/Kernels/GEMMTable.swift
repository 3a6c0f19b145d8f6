/// The instruction sets that the back ends of matrix products are chosen by.
enum InstructionSet: Int, Sendable, CaseIterable {
  case baseline
  case avx2
  case avx512

  /// That of our own kernels in this process.
  static var current: InstructionSet {
    switch VectorLevel.current {
    case .base: .baseline
    case .v3: .avx2
    case .v4: .avx512
    }
  }
}

/// Who computes a matrix product.
enum GEMMBackEnd: String, Sendable, CaseIterable {
  /// Our own kernels.
  case own = "c"
  /// OpenBLAS.
  case openBLAS = "openblas"
  /// oneDNN; float32 only.
  case oneDNN = "onednn:sgemm"
}

/// How a matrix product is computed.
struct GEMMChoice: Hashable, Sendable {
  let backEnd: GEMMBackEnd

  /// Whether our own kernel first lays the left operand out in the order in which it is read.
  var laysA = false

  /// The same for the right operand.
  var laysB = false

  /// The choice for a product, from measurements and never from timing at run time.
  static func table(
    _ instructions: InstructionSet, dtype: DType, m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool
  ) -> GEMMChoice {
    switch instructions {
    case .avx512, .avx2:
      // A tall left operand meets each panel of the right one often enough to pay for laying both out.
      let tall = m > 256
      return GEMMChoice(backEnd: .own, laysA: tall && n > 256, laysB: tall)
    case .baseline:
      return GEMMChoice(backEnd: Double(m) * Double(n) * Double(k) > 32 * 32 * 32 ? .openBLAS : .own)
    }
  }
}
