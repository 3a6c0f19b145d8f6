import Testing

@testable import TributaryBench

/// Every operator of the fixtures is measured by `tributary-bench operators`, but for those that compute nothing.
@Suite struct BenchmarkCoverageTests {
  @Test func everyOperatorIsMeasured() {
    let missing = Set(OperatorTable.all.keys).subtracting(OperatorSubject.names)
    #expect(
      missing == OperatorSubject.views,
      "add a line for each of these to a family of OperatorSubject, in Benchmarks/TributaryBench/Operators")
  }
}
