internal import TributaryScheduler
internal import TributaryTestSupport

/// A graph of conditions, semaphores, nested runs, loops and task groups, run several times, also with tasks that throw or cancel:
/// what ran must be what a sequential interpreter says, and nothing may be left behind.
enum DynamicCase {
  /// Draws a graph and runs it, the last time undisturbed.
  static func run(seed: UInt64, on executor: GraphExecutor, using random: inout SplitMix64) throws -> Int {
    let canaries = SharedCount()
    let tasks = try play(seed, canaries, on: executor, using: &random)
    if canaries.value != 0 {
      throw BenchError("\(canaries.value) captures of bodies are still there when their graph is gone")
    }
    return tasks
  }

  private static func play(
    _ seed: UInt64, _ canaries: SharedCount, on executor: GraphExecutor, using random: inout SplitMix64
  ) throws -> Int {
    let count = random.logarithmic(StressCase.mostTasks)
    let semaphores = (0..<Int.random(in: 1...4, using: &random)).map { _ in
      TaskSemaphore(random.logarithmic(8))
    }
    let script = try ScriptedGraph(
      seed: seed, tasks: count, features: .everything, semaphores: semaphores, canaries: canaries)
    if canaries.value < count {
      throw BenchError("only \(canaries.value) captures of \(count) bodies are kept")
    }
    let disturbedRounds = Int.random(in: 1...4, using: &random)
    var tasks = 0
    for round in 0...disturbedRounds {
      script.prepare(round: round)
      script.throwers = []
      script.canceller = nil
      script.token = CancellationToken()
      if round < disturbedRounds {
        let culprits = (0..<Int.random(in: 0...2, using: &random)).map { _ in
          Int.random(in: 0..<count, using: &random)
        }
        if random.oneIn(3) { script.canceller = culprits.first } else { script.throwers = Set(culprits) }
      }
      let result = Result {
        try executor.run(script.graph, options: RunOptions(cancellation: script.token))
      }
      tasks += try check(result, script)
      if let semaphore = semaphores.first(where: { $0.available != $0.limit }) {
        throw BenchError(
          "of \(semaphore.limit) units of a semaphore \(semaphore.available) are there after round \(round)")
      }
    }
    return tasks
  }

  /// Judges how a run of a script ended and what it did.
  ///
  /// - Returns: how many tasks ran or were skipped.
  static func check(_ result: Result<RunReport, any Error>, _ script: ScriptedGraph) throws -> Int {
    let throwing = script.throwers.filter { script.expected[$0] }
    switch result {
    case .success(let report):
      // If the last task cancels, there is nothing left to skip.
      if let thrower = throwing.first {
        throw BenchError("the run succeeded although task \(thrower) was to throw")
      }
      if let mistake = script.mistake { throw BenchError(mistake) }
      let skipped = script.expected.count { !$0 }
      guard report.tasksRun == script.expected.count, report.tasksSkipped == skipped else {
        throw BenchError(
          "the report counts \(report.tasksRun) tasks, \(report.tasksSkipped) of them skipped, of "
            + "\(script.expected.count) and \(skipped)")
      }
      return report.tasksRun
    case .failure(let failure as RunFailure):
      guard isDue(failure, throwing, script) else {
        throw BenchError("the run failed for another reason than was to be expected: \(failure)")
      }
      if let mistake = script.mistakeAfterStop { throw BenchError(mistake) }
      return failure.report.tasksRun
    case .failure(let error): throw error
    }
  }

  /// Whether a run failed by a task that was to run and did, and that threw or cancelled.
  private static func isDue(_ failure: RunFailure, _ throwing: Set<Int>, _ script: ScriptedGraph) -> Bool {
    if failure.code == .cancelled {
      return script.canceller.map { script.expected[$0] && script.hasRun($0) } ?? false
    }
    guard failure.code == .taskFailed, let boom = failure.underlying as? ScriptedGraph.Boom else {
      return false
    }
    return failure.taskName == "t\(boom.task)" && throwing.contains(boom.task) && script.hasRun(boom.task)
  }
}
