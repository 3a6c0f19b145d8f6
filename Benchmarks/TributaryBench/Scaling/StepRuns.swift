internal import Tributary
internal import TributaryAutodiff
internal import TributaryMeasuring
internal import TributaryWorkloads

/// A workload's step compiled once and prepared on executors of several widths, which take turns so that what disturbs the
/// machine disturbs them alike.
struct StepRuns {
  /// The step.
  let executable: Executable
  private let runs: [(workers: Int, executor: GraphExecutor, step: PreparedRun)]

  /// What was measured.
  struct Times {
    /// Median seconds of a step by number of workers.
    var steps: [Int: Double]
    /// Seconds of each task on one worker, the mean over typical steps.
    var tasks: [Double]
    /// Seconds of scheduling for each task of a step on one worker.
    var overhead: Double
  }

  private static let rounds = 6
  private static let warmUpSteps = 2
  private static let emptyRuns = 200

  /// Compiles a workload and prepares it for these numbers of workers, the first of which is 1.
  init(_ name: String, workers: [Int], settings: StepSettings) throws {
    let model = try Workload.named(name).model()
    let executable = try model.compiledStep(settings)
    let store = ParameterStore(executable, seed: 1)
    let inputs = try model.sampleInputs(seed: 1)
    self.executable = executable
    runs = try workers.map { count in
      let executor = try GraphExecutor(workers: count)
      let step = try executable.prepare(on: executor, store)
      for (value, tensor) in inputs { try step.feed(value, tensor) }
      return (count, executor, step)
    }
  }

  /// Measures for about so many seconds. Steps that are timed as a whole are not recorded.
  func measure(seconds: Double) throws -> Times {
    let recorder = TraceRecorder()
    let kept = recorder.capacityPerWorker / max(executable.plan.taskCount, 1) / StepRuns.rounds
    let share = seconds / Double(StepRuns.rounds * (runs.count + 1))
    var times: [Int: [Double]] = [:]
    for _ in 0..<StepRuns.rounds {
      for run in runs {
        for _ in 0..<StepRuns.warmUpSteps { try run.step.run() }
        times[run.workers, default: []] += try Timings(atLeast: 3, seconds: share) { try run.step.run() }
          .sorted
      }
      let end = ContinuousClock.now + .seconds(share)
      for number in 0..<max(kept, 1) where number == 0 || ContinuousClock.now < end {
        try runs[0].step.run(options: RunOptions(trace: recorder))
      }
    }
    guard let costs = executable.measuredCosts(recorder, workers: 1) else {
      throw BenchError("no step was recorded whole; its tasks are too many for a recorder")
    }
    return Times(
      steps: times.mapValues { $0.sorted()[$0.count / 2] }, tasks: costs.seconds, overhead: try overhead())
  }

  /// What a task costs beside its work: the time of a graph of the same shape whose tasks are empty.
  private func overhead() throws -> Double {
    let empty = try executable.emptyTaskGraph()
    let executor = runs[0].executor
    let times = try Timings(atLeast: StepRuns.emptyRuns) { try executor.run(empty) }
    return times.median / Double(max(empty.taskCount, 1))
  }
}
