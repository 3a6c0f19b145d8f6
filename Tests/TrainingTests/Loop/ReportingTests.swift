import Testing

@testable import TributaryTraining

@Suite struct ReportingTests {
  @Test func progressIsDrawnToScale() {
    let bar = ProgressBar("epoch 1", isTerminal: false)
    #expect(bar.line(0, of: 10, "") == "epoch 1  " + String(repeating: "─", count: 24) + " 0 %  0/10  ")
    #expect(bar.line(10, of: 10, "x") == "epoch 1  " + String(repeating: "━", count: 24) + " 100 %  10/10  x")
    #expect(bar.line(5, of: 10, "").filter { $0 == "━" }.count == 12)
    #expect(bar.line(0, of: 0, "").contains("0 %"))
  }

  @Test(arguments: [
    (0.5, 0, "1"), (1.25, 1, "1.3"), (-1.25, 2, "-1.25"), (0.0004, 3, "0.000"), (-0.0004, 3, "0.000"),
    (123456.789, 2, "123456.79"), (.nan, 2, "nan"), (.infinity, 2, "inf"), (-.infinity, 0, "-inf"),
    (0.99996, 4, "1.0000"), (7, 4, "7.0000"),
  ])
  func decimals(value: Double, places: Int, text: String) {
    #expect(decimal(value, places) == text)
  }

  @Test func hugeNumbersAreWrittenSomehow() {
    #expect(decimal(1e300, 4).contains("e+300"))
    #expect(decimal(9e14, 6).hasPrefix("9"))
  }
}
