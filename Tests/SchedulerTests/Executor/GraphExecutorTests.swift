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

  /// Priorities may change while runs use them; only the order in which ready tasks go may differ.
  @Test func costsMayChangeDuringRuns() throws {
    try withEveryWorkerCount { executor in
      let probe = try OrderProbe(RandomDAG(seed: 9, tasks: 400), seed: 9, delays: false)
      let isOver = SharedFlag()
      onThreads(2) { index in
        if index == 0 {
          for _ in 0..<20 { _ = try? executor.run(probe.graph) }
          isOver.set(true)
        } else {
          var random = SplitMix64(seed: 1)
          while !isOver.isSet {
            let costs = (0..<400).map { _ in TaskCost.nanoseconds(.random(in: 0...50_000, using: &random)) }
            try? probe.graph.updateCosts(costs)
          }
        }
      }
      #expect(probe.holds(afterRuns: 20))
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
  @discardableResult
  func runBlockingForTest(_ graph: TaskGraph) throws -> RunReport { try run(graph) }
}
