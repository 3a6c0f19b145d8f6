import Testing

@testable import TributaryOps

@Suite struct ProductProbeTests {
  @Test(
    "every way to a product has a name of its own and runs; the table's is among them",
    arguments: [DType.float32, .float64])
  func waysRun(dtype: DType) throws {
    for (a, b) in [(false, false), (false, true), (true, false)] {
      let probe = ProductProbe(5, 300, 7, transposeA: a, transposeB: b, dtype: dtype)
      #expect(Set(probe.ways.map(\.description)).count == probe.ways.count)
      #expect(probe.ways.contains(probe.chosen))
      #expect(probe.flops == 2 * 5 * 300 * 7)
      for way in probe.ways { try probe.product(by: way)() }
    }
    let names = ProductProbe(1, 1, 1, dtype: dtype).ways.map(\.description)
    #expect(names.contains("onednn:sgemm") == (dtype == .float32))
    #expect(names.contains("c") && names.contains("c+ab") && names.contains("openblas"))
  }

  @Test func formsAreNamed() {
    #expect(ProductProbe(1, 1, 1).form == "NN")
    #expect(ProductProbe(1, 1, 1, transposeA: true).form == "TN")
    #expect(ProductProbe(1, 1, 1, transposeB: true).form == "NT")
  }
}
