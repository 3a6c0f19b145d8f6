import Synchronization
import Testing
import TributaryScheduler
import TributaryTestSupport

@Suite(.serialized) struct GraphExecutorTests {
  @Test(arguments: [GraphExecutor.Sharing.always, .whenWorthwhile, .never])
  func runsEveryTaskOnceAfterItsPredecessors(_ sharing: GraphExecutor.Sharing) throws {
    try withEveryWorkerCount(sharing: sharing) { executor in
      for seed in 0..<20 as Range<UInt64> {
        var random = SplitMix64(seed: seed)
        let size = Int.random(in: 1...600, using: &random)
        let probe = try OrderProbe(RandomDAG(seed: seed, tasks: size), seed: seed)
        for run in 1...4 {
          let report = try executor.run(probe.graph)
          #expect(report.tasksRun == size)
          #expect(report.workers == executor.workerCount)
          try #require(probe.holds(afterRuns: run), "seed \(seed), \(executor.workerCount) workers")
        }
      }
    }
  }

  @Test func runsAnEmptyGraph() async throws {
    let graph = try TaskGraphBuilder().build()
    let executor = try GraphExecutor(workers: 2)
    #expect(try executor.runBlockingForTest(graph).tasksRun == 0)
    #expect(try await executor.run(graph).tasksRun == 0)
  }
}

extension GraphExecutor {
  /// The blocking run where the compiler sees an asynchronous context.
  func runBlockingForTest(_ graph: TaskGraph) throws -> RunReport { try run(graph) }
}
