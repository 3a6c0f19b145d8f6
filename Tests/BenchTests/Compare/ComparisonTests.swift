import Testing

@testable import TributaryBench

@Suite struct ComparisonTests {
  private static let jax = Rival.all.first { $0.system == "jax-jit" }
  private static let torch = Rival.all.first { $0.system == "torch-eager" }

  private func comparison() throws -> Comparison {
    var result = Comparison(rivals: [try #require(Self.torch), try #require(Self.jax)])
    let (mlp, small) = (
      Comparison.Key(workload: "mlp", threads: 1), Comparison.Key(workload: "small-ops", threads: 1)
    )
    for time in [2.0, 1, 9] { result.add(time, "tributary", mlp) }
    for time in [8.0, 4.0, 6.0] { result.add(time, "torch-eager", mlp) }
    for time in [3.0, 5.0] { result.add(time, "jax-jit", mlp) }
    result.add(1, "tributary", small)
    result.add(100, "torch-eager", small)
    return result
  }

  @Test func ratiosAreOfMediansAgainstTheBestRival() throws {
    let it = try comparison()
    let key = Comparison.Key(workload: "mlp", threads: 1)
    #expect(it.median("tributary", key) == 2 && it.median("torch-eager", key) == 6)
    // Of two, their mean.
    #expect(it.median("jax-jit", key) == 4)
    #expect(it.best(key)?.rival.system == "jax-jit")
    #expect(it.ratio(key) == 2)
    #expect(it.ratio(Comparison.Key(workload: "cnn", threads: 1)) == nil)
  }

  @Test func theMeanIsOverTheArithmeticWorkloads() throws {
    var it = try comparison()
    #expect(try #require(it.geometricMean(threads: 1)).count == 1)
    let cnn = Comparison.Key(workload: "cnn", threads: 1)
    it.add(1, "tributary", cnn)
    it.add(8, "torch-eager", cnn)
    let mean = try #require(it.geometricMean(threads: 1))
    #expect(abs(mean.mean - 4) < 1e-12 && mean.count == 2)
    #expect(it.geometricMean(threads: 2) == nil)
    #expect(Comparison.arithmetic.count == 9)
  }

  @Test func theTableSaysWhatIsMissing() throws {
    var it = try comparison()
    it.add(3.14159, "torch-eager", Comparison.Key(workload: "cnn", threads: 2))
    let lines = it.markdown.split(separator: "\n").map(String.init)
    #expect(lines[0] == "| workload | threads | Tributary | PyTorch | JAX | best rival | best / ours |")
    #expect(lines[2] == "| mlp | 1 | 2.00 | 6.00 | 4.00 | JAX | 2.00 |")
    #expect(lines[3] == "| small-ops | 1 | 1.00 | 100 | – | PyTorch | 100.00 |")
    #expect(lines[4] == "| cnn | 2 | – | 3.14 | – | PyTorch | – |")
    let mean = "geometric mean of best / ours over 1 of the nine arithmetic workloads, 1 thread: 2.00"
    #expect(lines.last == mean)
  }
}
