import Testing

@testable import TributaryOps

@Suite struct GEMMTests {
  /// A product to compute, inside larger matrices.
  struct Case: Sendable, CustomTestStringConvertible {
    let dtype: DType
    let m: Int
    let n: Int
    let k: Int
    let transposeA: Bool
    let transposeB: Bool

    var testDescription: String {
      "\(dtype) \(m)x\(k)x\(n) \(transposeA ? "T" : "N")\(transposeB ? "T" : "N")"
    }
  }

  static let cases: [Case] = [DType.float32, .float64].flatMap { dtype in
    [
      (1, 1, 1), (2, 3, 4), (7, 9, 5), (8, 48, 16), (13, 50, 33), (17, 97, 300), (300, 31, 140),
      (257, 800, 20),
      (1, 70, 90), (70, 1, 90), (5, 16, 700), (64, 10, 500),
    ].flatMap { (m, n, k) in
      [(false, false), (false, true), (true, false), (true, true)].map {
        Case(dtype: dtype, m: m, n: n, k: k, transposeA: $0.0, transposeB: $0.1)
      }
    }
  }

  static let choices: [GEMMChoice] =
    [
      GEMMChoice(backEnd: .openBLAS), GEMMChoice(backEnd: .oneDNN), GEMMChoice(backEnd: .own),
      GEMMChoice(backEnd: .own, laysA: true), GEMMChoice(backEnd: .own, laysB: true),
      GEMMChoice(backEnd: .own, laysA: true, laysB: true),
    ]

  /// The product as one choice computes it, between rows of padding that must stay as they are.
  private func product<Element: BinaryFloatingPoint & TensorElement>(
    _ example: Case, _ choice: GEMMChoice, a: [Element], b: [Element], c: [Element], accumulating: Bool,
    gap: Int
  ) throws -> [Element] {
    let (rowsA, columnsA) = example.transposeA ? (example.k, example.m) : (example.m, example.k)
    let (rowsB, columnsB) = example.transposeB ? (example.n, example.k) : (example.k, example.n)
    func spread(_ values: [Element], _ rows: Int, _ columns: Int) -> [Element] {
      (0..<rows).flatMap { row in
        Array(values[row * columns..<(row + 1) * columns]) + [Element](repeating: .nan, count: gap)
      }
    }
    let product = try MatrixProduct(
      example.dtype, m: example.m, n: example.n, k: example.k, transposeA: example.transposeA,
      transposeB: example.transposeB, lda: columnsA + gap, ldb: columnsB + gap, ldc: example.n + gap,
      accumulating: accumulating, choice: choice)
    var result = spread(c, example.m, example.n)
    let scratch = TensorStorage(byteCount: product.scratchBytes)
    // Laid-out operands must not depend on what the scratch held.
    scratch.baseAddress.initializeMemory(as: UInt8.self, repeating: 0xFF, count: product.scratchBytes)
    let status = spread(a, rowsA, columnsA).withUnsafeBytes { a in
      spread(b, rowsB, columnsB).withUnsafeBytes { b in
        result.withUnsafeMutableBytes { c in
          product.multiply(a.baseAddress!, b.baseAddress!, into: c.baseAddress!, scratch: scratch.baseAddress)
        }
      }
    }
    withExtendedLifetime(scratch) {}
    #expect(status == .success)
    var values: [Element] = []
    for row in 0..<example.m {
      let start = row * (example.n + gap)
      values += result[start..<start + example.n]
      #expect(
        result[start + example.n..<start + example.n + gap].allSatisfy { $0.isNaN }, "written beside a row")
    }
    return values
  }

  private func check<Element: BinaryFloatingPoint & TensorElement>(
    _ example: Case, as element: Element.Type, tolerance: Double
  ) throws {
    func values(_ count: Int, _ seed: UInt64) -> [Element] {
      Evaluation.numbers(count, seed: seed).map { Element($0) }
    }
    let a = values(example.m * example.k, 1)
    let b = values(example.k * example.n, 2)
    let c = values(example.m * example.n, 3)
    var want = c.map { _ in 0.0 }
    for i in 0..<example.m {
      for j in 0..<example.n {
        var sum = 0.0
        for p in 0..<example.k {
          sum +=
            Double(a[example.transposeA ? p * example.m + i : i * example.k + p])
            * Double(b[example.transposeB ? j * example.k + p : p * example.n + j])
        }
        want[i * example.n + j] = sum
      }
    }
    // Rounding of k additions whose sums reach some √k; a product gone wrong is off by far more.
    let bound = tolerance * Double(example.k + 4)
    for choice in Self.choices where choice.backEnd != .oneDNN || example.dtype == .float32 {
      let levels = choice.backEnd == .own ? VectorLevel.available : [VectorLevel.current]
      for level in levels {
        try VectorLevel.$override.withValue(level) {
          for (accumulating, gap) in [(false, 0), (true, 3), (false, 17)] {
            let got = try product(example, choice, a: a, b: b, c: c, accumulating: accumulating, gap: gap)
            let errors = zip(zip(got, c), want).map {
              abs(Double($0.0) - (accumulating ? Double($0.1) : 0) - $1)
            }
            #expect(
              errors.allSatisfy { $0 <= bound }, "\(choice) \(level) accumulating \(accumulating) gap \(gap)")
          }
        }
      }
    }
  }

  @Test(arguments: cases)
  func allBackEndsAgree(_ example: Case) throws {
    if example.dtype == .float32 {
      try check(example, as: Float.self, tolerance: 1.2e-7)
    } else {
      try check(example, as: Double.self, tolerance: 2.3e-16)
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func theTableKnowsEveryShape(instructions: InstructionSet) {
    for dtype in [DType.float32, .float64] {
      for length in [0, 1, 15, 16, 100, 256, 4096, 100_000] {
        let choice = GEMMChoice.table(
          instructions, dtype: dtype, m: length, n: length, k: length, transposeA: false, transposeB: true)
        #expect(choice.backEnd != .oneDNN || dtype == .float32)
      }
    }
  }

  @Test func ourOwnProductsNeedNoLibraryAtUsualShapes() throws {
    guard InstructionSet.current != .baseline else { return }
    for (m, n, k) in [
      (32, 128, 128), (128, 512, 784), (128, 10, 256), (512, 512, 512), (512, 1, 512), (8, 8, 8),
    ] {
      let signature = Signature(
        inputs: [TensorType(.float32, [m, k]), TensorType(.float32, [k, n])],
        outputs: [TensorType(.float32, [m, n])])
      // A library would allocate in every call.
      #expect(try MatMul().makeKernel(signature, region: Region(whole: [m, n])).implementation == "c")
    }
  }

  @Test func librariesArePrepared() {
    let text = KernelLibraries.description
    #expect(text.contains("OpenBLAS") && text.contains("oneDNN"))
    if DNN.instructionSet == .avx512 { #expect(!text.contains("(Prescott)")) }
  }

  @Test func tooLongIsAnError() {
    #expect(throws: ShapeError.self) {
      try MatrixProduct(
        .float32, m: 1, n: 1 << 40, k: 1, transposeA: false, transposeB: false, lda: 1, ldb: 1 << 40,
        ldc: 1 << 40,
        accumulating: false)
    }
  }
}
