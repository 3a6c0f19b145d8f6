internal import Foundation
internal import Synchronization
internal import TributaryScheduler
internal import TributaryTestSupport

/// One case of the stress run: everything in it follows from its seed.
struct StressCase {
  /// Reproduces the case with `--seed SEED --count 1` and the same other options.
  let seed: UInt64
  let kind: StressKind
  /// The executor's settings.
  let setting: ExecutorSetting
  private var random: SplitMix64

  /// The most tasks of one graph.
  static let mostTasks = 5000

  /// The case of a seed, of one of these kinds, with one of these numbers of threads.
  init(seed: UInt64, kinds: [StressKind], threads counts: [Int]) {
    self.seed = seed
    random = SplitMix64(seed: SplitMix64.mixed(seed))
    kind = kinds.randomElement(using: &random) ?? .chain
    var setting = ExecutorSetting(
      workers: counts.randomElement(using: &random) ?? 1,
      sharesAlways: random.oneIn(2),
      spin: random.oneIn(4) ? .zero : nil)
    switch kind {
    case .tiny:
      setting.workers =
        counts.filter { [2, 3, 8].contains($0) }.randomElement(using: &random) ?? setting.workers
      setting.sharesAlways = true
    case .signals: setting.spin = .zero
    case .locks where random.oneIn(2): setting.workers = 1
    default: break
    }
    self.setting = setting
  }

  /// Runs the case on an executor of its setting.
  ///
  /// - Parameter seconds: how long clients compete where a case measures their shares.
  /// - Returns: how many tasks ran.
  /// - Throws: `BenchError` with what is wrong.
  mutating func run(on executor: GraphExecutor, seconds: Double = 10) throws -> Int {
    switch kind {
    case .concurrent: return try runConcurrently(on: executor)
    case .failing: return try runFailing(on: executor)
    case .tiny: return try TinyGraphs.runBackToBack(on: executor, using: &random)
    case .signals: return try TinyGraphs.runAlternatingWidths(on: executor, using: &random)
    case .locks: return try LockedNesting.run(on: executor, using: &random)
    case .clients: return try ClientMix.run(seed: seed, on: executor, using: &random)
    case .plans: return try PlanCase.run(seed: seed, using: &random)
    case .fair: return try FairShares.run(seconds: seconds, on: executor, using: &random)
    default:
      let graph = try StressGraph(kind, most: StressCase.mostTasks, using: &random)
      return try StressCase.repeatedly(Int.random(in: 1...3, using: &random), graph, on: executor)
    }
  }

  /// Runs a graph several times, each of which must be right.
  private static func repeatedly(_ rounds: Int, _ graph: StressGraph, on executor: GraphExecutor) throws
    -> Int
  {
    var tasks = 0
    for _ in 0..<rounds {
      graph.prepare()
      tasks += try check(try executor.run(graph.graph), graph)
    }
    return tasks
  }

  static func check(_ report: RunReport, _ graph: StressGraph) throws -> Int {
    if let mistake = graph.mistake() { throw BenchError(mistake) }
    guard report.tasksRun == graph.shape.taskCount else {
      throw BenchError("the report counts \(report.tasksRun) tasks of \(graph.shape.taskCount)")
    }
    return report.tasksRun
  }

  /// Runs several graphs at once, from threads of their own, and one without a thread.
  private mutating func runConcurrently(on executor: GraphExecutor) throws -> Int {
    let graphs = try (0..<Int.random(in: 2...4, using: &random)).map { _ in
      try StressGraph(.random, most: StressCase.mostTasks / 4, using: &random)
    }
    let rounds = Int.random(in: 1...3, using: &random)
    let outcome = Outcome()
    let group = DispatchGroup()
    for (position, graph) in graphs.enumerated() {
      group.enter()
      if position == 0 {
        Task { @Sendable in
          do {
            for _ in 0..<rounds {
              graph.prepare()
              outcome.note(.success(try StressCase.check(try await executor.run(graph.graph), graph)))
            }
          } catch {
            outcome.note(.failure(error))
          }
          group.leave()
        }
      } else {
        Thread.detachNewThread {
          outcome.note(Result { try StressCase.repeatedly(rounds, graph, on: executor) })
          group.leave()
        }
      }
    }
    group.wait()
    return try outcome.tasks()
  }

  /// Runs a graph in which a task throws or cancels, or that has little time; then the same graph, undisturbed.
  private mutating func runFailing(on executor: GraphExecutor) throws -> Int {
    let graph = try StressGraph(.failing, most: StressCase.mostTasks, using: &random)
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let culprit = Int.random(in: 0..<graph.shape.taskCount, using: &random)
      var options = RunOptions()
      let expected: RunFailure.Code
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        graph.prepare(.error(task: culprit))
        expected = .taskFailed
      case 1:
        let token = CancellationToken()
        graph.prepare(.cancellation(task: culprit, token))
        options.cancellation = token
        expected = .cancelled
      default:
        graph.prepare()
        options.deadline = .microseconds(random.logarithmic(2000))
        expected = .deadlineExceeded
      }
      try StressCase.fail(graph, options, expected, culprit, on: executor)
    }
    return try StressCase.repeatedly(2, graph, on: executor)
  }

  /// Runs a disturbed graph: it may fail in the expected way only, and must if a task throws.
  private static func fail(
    _ graph: StressGraph, _ options: RunOptions, _ expected: RunFailure.Code, _ culprit: Int,
    on executor: GraphExecutor
  ) throws {
    do {
      _ = try executor.run(graph.graph, options: options)
      if expected == .taskFailed { throw BenchError("the run succeeded although task \(culprit) threw") }
      if let mistake = graph.mistake() { throw BenchError(mistake) }
    } catch let failure as RunFailure {
      guard failure.code == expected, expected != .taskFailed || failure.taskName == "t\(culprit)" else {
        throw BenchError("the run failed for another reason: \(failure)")
      }
      if let mistake = graph.mistakeAfterMisdeed() { throw BenchError(mistake) }
    }
  }
}
