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
  ///
  /// `tributary-bench operators --tune` measures every way to a product beside this table's; `Documentation/Products.md` has
  /// its figures for AVX-512 and AVX2. One core of an Intel Xeon (family 6, model 207, AVX-512), GFLOP/s of f32 products
  /// m×k×n without accumulation, the best of 7 to 15 rounds taken in turn: our own kernel / `dnnl_sgemm` of oneDNN 2.6.3 /
  /// OpenBLAS 0.3.21:
  ///
  ///     AVX-512 (SkylakeX)    NN               NT               TN
  ///     32×128×128      174/164/174      128/118/78       173/164/169
  ///     128×784×512     164/168/132      148/148/127      159/169/128
  ///     128×512×512     166/172/140      152/145/131      166/171/138
  ///     784×128×256     169/169/147      165/163/144
  ///     512×512×512                      144/152/136      146/162/147
  ///     512×512×1        55/46/56         55/45/64         53/44/54
  ///     128×256×10       38/54/52         60/76/38         44/53/98
  ///     AVX2 (Haswell)        NN               NT               TN
  ///     32×128×128       79/80/61         70/65/52         79/74/59
  ///     784×128×256      84/86/82         85/79/79         81/83/82
  ///     512×512×512      81/85/80
  ///
  /// In f64 our own kernel equals OpenBLAS at 64³ NN (85/85, SkylakeX) and passes it transposed (NT 73/49). Where ours
  /// is not the fastest it still is the choice, since `dnnl_sgemm` allocates its work memory in nearly every call and
  /// oneDNN's matmul primitive, which is no faster, four to seven times; on threads other than the first that becomes
  /// system calls. OpenBLAS keeps the level without fused multiplication, where ours has not been measured.
  static func table(
    _ instructions: InstructionSet, dtype: DType, m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool
  ) -> GEMMChoice {
    switch instructions {
    case .avx512, .avx2:
      // A tall left operand meets each panel of the right one often enough to pay for laying both out. With AVX2 so does any
      // but a flat one where the rows that are read in turn begin a page apart: they meet in a few sets of the first cache.
      let tall = m > 256
      let page = instructions == .avx2 ? 4096 / dtype.byteCount : Int.max
      return GEMMChoice(
        backEnd: .own, laysA: tall && (n > 256 || transposeA && m >= page),
        laysB: tall || m > 32 && !transposeB && n >= page)
    case .baseline:
      return GEMMChoice(backEnd: Double(m) * Double(n) * Double(k) > 32 * 32 * 32 ? .openBLAS : .own)
    }
  }
}
