import ArgumentParser
import Testing
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryBench

@Suite(.serialized) struct StressCommandTests {
  @Test(arguments: StressKind.drawn) func everyKindPasses(kind: StressKind) throws {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: 3, sharing: .always))
    defer { executor.shutdown() }
    let isLong = [StressKind.tiny, .signals, .clients].contains(kind)
    for seed in 0..<(isLong ? 2 : 10) as Range<UInt64> {
      var stressCase = StressCase(seed: seed, kinds: [kind], threads: [3])
      #expect(try stressCase.run(on: executor) > 0)
    }
  }

  @Test func aGraphThatDidNotRunIsAMistake() throws {
    var random = SplitMix64(seed: 1)
    let graph = try StressGraph(.random, most: 100, using: &random)
    graph.prepare()
    #expect(graph.mistake()?.contains("ran 0 times") == true)
  }

  @Test func aGraphThatRanTwiceIsAMistake() throws {
    let executor = try GraphExecutor(workers: 1)
    defer { executor.shutdown() }
    var random = SplitMix64(seed: 1)
    let graph = try StressGraph(.random, most: 100, using: &random)
    graph.prepare()
    _ = try executor.run(graph.graph)
    _ = try executor.run(graph.graph)
    #expect(graph.mistake()?.contains("ran 2 times") == true)
  }

  @Test func aNumberOfAnotherRoundIsAMistake() throws {
    let executor = try GraphExecutor(workers: 1)
    defer { executor.shutdown() }
    var random = SplitMix64(seed: 1)
    let graph = try StressGraph(.chain, most: 100, using: &random)
    graph.prepare()
    _ = try executor.run(graph.graph)
    graph.prepare()
    #expect(graph.mistake()?.contains("before a predecessor") == true)
  }

  @Test(arguments: [
    ["--count", "0"], ["--count", "x"], ["--only", "bogus"], ["--only", ""], ["--patience", "0"],
    ["--threads", "0"],
    ["--seed", "-1"], ["extra"],
  ])
  func wrongCommandLinesExitWith64(arguments: [String]) {
    #expect {
      try StressCommand.parse(arguments)
    } throws: { error in
      StressCommand.exitCode(for: error).rawValue == 64
    }
  }

  @Test func readsKinds() throws {
    #expect(try StressCommand.parse(["--only", "chain,nested"]).only == [.chain, .nested])
  }
}
