/// One matrix product, computed by each of the ways there are, for measuring them and filling ``GEMMChoice``'s table.
package struct ProductProbe: Sendable {
  /// A way to compute it.
  package struct Way: Sendable, Equatable, CustomStringConvertible {
    let choice: GEMMChoice

    package var description: String {
      let laid =
        switch (choice.laysA, choice.laysB) {
        case (false, false): ""
        case (true, false): "+a"
        case (false, true): "+b"
        case (true, true): "+ab"
        }
      return choice.backEnd.rawValue + laid
    }
  }

  /// The product is op(a)·op(b); op(a) is m × k, op(b) k × n.
  package let m: Int
  package let k: Int
  package let n: Int
  package let transposeA: Bool
  package let transposeB: Bool
  package let dtype: DType

  package init(
    _ m: Int, _ k: Int, _ n: Int, transposeA: Bool = false, transposeB: Bool = false, dtype: DType = .float32
  ) {
    (self.m, self.k, self.n) = (m, k, n)
    (self.transposeA, self.transposeB, self.dtype) = (transposeA, transposeB, dtype)
  }

  /// The back ends; our own kernels also with operands laid out first, whose results have the same bits.
  package var ways: [Way] {
    let own = [(false, false), (true, false), (false, true), (true, true)].map {
      Way(choice: GEMMChoice(backEnd: .own, laysA: $0.0, laysB: $0.1))
    }
    let libraries = GEMMBackEnd.allCases.filter { $0 != .own && (dtype == .float32 || $0 != .oneDNN) }
    return own + libraries.map { Way(choice: GEMMChoice(backEnd: $0)) }
  }

  /// The way that the table says at the vector level in use.
  package var chosen: Way {
    Way(
      choice: GEMMChoice.table(
        InstructionSet.current, dtype: dtype, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB
      ))
  }

  /// N or T for each operand, as BLAS names them.
  package var form: String { (transposeA ? "T" : "N") + (transposeB ? "T" : "N") }

  /// Floating-point operations of the product.
  package var flops: Double { 2 * Double(m) * Double(n) * Double(k) }

  /// The product by one way, of matrices of ones, as a function to be called again and again on one thread.
  /// - Throws: `ShapeError` when a side is too long.
  package func product(by way: Way) throws(ShapeError) -> () -> Void {
    let product = try MatrixProduct(
      dtype, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB, lda: transposeA ? m : k,
      ldb: transposeB ? k : n, ldc: n, accumulating: false, choice: way.choice)
    func ones(_ rows: Int, _ columns: Int) throws(ShapeError) -> Tensor {
      try Tensor(initial: .constant(1), type: TensorType(dtype, [rows, columns]), seed: 0, stream: 0)
    }
    let (a, b) = (try ones(m, k), try ones(k, n))
    let c = TensorStorage(byteCount: m * n * dtype.byteCount)
    let scratch = TensorStorage(byteCount: product.scratchBytes)
    return {
      _ = product.multiply(
        a.storage.baseAddress, b.storage.baseAddress, into: c.baseAddress, scratch: scratch.baseAddress)
    }
  }
}
