import Testing
import TributaryScheduler
import TributaryTestSupport

/// Random graphs with everything in them, against a sequential interpreter.
@Suite(.serialized) struct RandomScriptTests {
  static let sharings = [GraphExecutor.Sharing.always, .whenWorthwhile, .never]
  static let everything: ScriptedGraph.Features = [.conditions, .nesting, .semaphores, .groups]

  /// Runs of one graph in succession: clean ones, and ones in which a random task throws or cancels.
  @Test(arguments: sharings) func everyRunIsAsTheInterpreterSays(_ sharing: GraphExecutor.Sharing) throws {
    try withEveryWorkerCount(sharing: sharing) { executor in
      for seed in 100..<110 as Range<UInt64> {
        let canaries = SharedCount()
        try run(seed, canaries, executor)
        #expect(canaries.value == 0, "captures of seed \(seed) are still alive")
      }
    }
  }

  private func run(_ seed: UInt64, _ canaries: SharedCount, _ executor: GraphExecutor) throws {
    let semaphores = [TaskSemaphore(1), TaskSemaphore(2), TaskSemaphore(3)]
    var random = SplitMix64(seed: seed)
    let script = try ScriptedGraph(
      seed: seed, tasks: 150, features: Self.everything, semaphores: semaphores, canaries: canaries)
    #expect(canaries.value >= 150)
    for round in 0..<12 {
      script.prepare(round: round)
      let victim = (0..<150).filter { script.expected[$0] }.randomElement(using: &random) ?? 0
      script.thrower = round % 3 == 1 ? victim : -1
      script.canceller = round % 3 == 2 ? victim : -1
      script.token = CancellationToken()
      let place = "seed \(seed), round \(round), \(executor.workerCount) workers"
      do {
        let report = try executor.run(script.graph, options: RunOptions(cancellation: script.token))
        // A run whose last task cancels has nothing left to skip.
        try #require(script.isAsExpected && script.thrower < 0, "\(place)")
        #expect(report.tasksSkipped == script.expected.count { !$0 }, "\(place)")
      } catch let failure as RunFailure {
        try #require(round % 3 != 0 && script.isPartOfExpected(stoppedAt: victim), "\(place): \(failure)")
        #expect(failure.code == (round % 3 == 1 ? .taskFailed : .cancelled), "\(place)")
        if round % 3 == 1 {
          #expect(failure.taskName == "t\(victim)", "\(place)")
          #expect(failure.underlying as? ScriptedGraph.Boom == ScriptedGraph.Boom(task: victim), "\(place)")
        }
      }
      #expect(semaphores.allSatisfy { $0.available == $0.limit }, "\(place)")
    }
  }

  @Test func severalCallersRunTheirOwnGraphsAtOnce() throws {
    try withEveryWorkerCount { executor in
      let semaphores = [TaskSemaphore(1), TaskSemaphore(2), TaskSemaphore(3)]
      let scripts = try (0..<4 as Range<UInt64>).map {
        try ScriptedGraph(seed: 200 + $0, tasks: 100, features: Self.everything, semaphores: semaphores)
      }
      let wrong = SharedCount()
      onThreads(4) { caller in
        for round in 0..<6 {
          scripts[caller].prepare(round: round)
          let report = try? executor.run(scripts[caller].graph)
          if report == nil || !scripts[caller].isAsExpected { wrong.add() }
        }
      }
      #expect(wrong.value == 0)
      #expect(semaphores.allSatisfy { $0.available == $0.limit })
    }
  }
}
