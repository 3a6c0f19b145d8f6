internal import TributaryOps
package import TributaryScheduler

/// What the recorded runs of an executable spent on each of its operators and on each worker.
///
/// A task is timed as a whole. Where it computes several operators its time is shared out in proportion to what the cost
/// model gives each of them, and ``Step/sharedSeconds`` says how much of a step's time that is. Of four runs or more the
/// middle half by wall time counts, so that neither interruptions nor lucky runs do.
package struct ExecutionProfile: Codable, Sendable {
  /// An operator of the plan.
  package struct Step: Codable, Sendable {
    /// Its scope and name in the graph.
    package var name: String
    /// The operator's kind, as `matmul`.
    package var operatorName: String
    /// Into how many shards it is cut.
    package var shards: Int
    /// Floating-point operations of a run.
    package var flops: Double
    /// Bytes that a run reads and writes, each once.
    package var bytes: Double
    /// Seconds of all runs, by worker.
    package var seconds: [Double]
    /// The seconds among them that are the cost model's share of a longer task.
    package var sharedSeconds = 0.0

    /// Seconds of all runs and workers.
    package var totalSeconds: Double { seconds.reduce(0, +) }
  }

  /// The operators in the order of a sequential run; views, which compute nothing, are left out.
  package private(set) var steps: [Step] = []
  /// How many runs count.
  package private(set) var runs = 0
  /// The tasks of a run.
  package private(set) var tasks: Int
  /// The workers that may have computed at once.
  package private(set) var workers: Int
  /// Seconds of all runs, each from its call to its end.
  package private(set) var wallSeconds = 0.0
  /// Seconds of all runs in which workers were at work, scheduling included, summed over workers.
  package private(set) var busySeconds = 0.0

  /// The seconds of all operators in all runs.
  package var operatorSeconds: Double { steps.reduce(0) { $0 + $1.totalSeconds } }
  /// The seconds of workers between operators: finding tasks, counting dependencies down, recording.
  package var schedulingSeconds: Double { max(0, busySeconds - operatorSeconds) }
  /// The seconds of workers without a task.
  package var idleSeconds: Double { max(0, wallSeconds * Double(workers) - busySeconds) }

  /// The profile of a plan's runs.
  init(_ plan: Plan, _ recorded: [RecordedRun], workers: Int) {
    tasks = plan.taskCount
    self.workers = workers
    let position = addSteps(of: plan)
    for run in ExecutionProfile.typical(recorded) {
      runs += 1
      wallSeconds += run.report.wallSeconds
      busySeconds += run.report.busySeconds
      for (task, worker, seconds) in ExecutionProfile.ownTimes(run) {
        share(seconds, of: task, worker, plan, position)
      }
    }
  }

  /// The middle half of the runs by wall time.
  static func typical(_ runs: [RecordedRun]) -> [RecordedRun] {
    guard runs.count >= 4 else { return runs }
    let sorted = runs.sorted { $0.report.wallSeconds < $1.report.wallSeconds }
    return Array(sorted[runs.count / 4..<runs.count - runs.count / 4])
  }

  /// Adds the plan's operators; returns their positions by the step's number.
  private mutating func addSteps(of plan: Plan) -> [Int: Int] {
    var position: [Int: Int] = [:]
    for (index, step) in plan.graph.steps.enumerated() {
      guard let applied = step.applied, !step.isView else { continue }
      let cost = applied.cost(plan.graph.signature(of: index))
      position[index] = steps.count
      steps.append(
        Step(
          name: step.name, operatorName: applied.name, shards: plan.units.units[index].count,
          flops: cost.flops, bytes: cost.bytesRead + cost.bytesWritten,
          seconds: Array(repeating: 0, count: workers)))
    }
    return position
  }

  /// Shares a task's seconds out among its operators. The gate between what may fail and what assigns computes nothing; its
  /// time counts as scheduling.
  private mutating func share(
    _ seconds: Double, of task: Int, _ worker: Int, _ plan: Plan, _ position: [Int: Int]
  ) {
    let units = plan.tasks.units(of: task).lazy.map(Int.init).filter { plan.units.step[$0] >= 0 }
    let whole = units.reduce(0) { $0 + plan.units.seconds[$1] }
    let isShared = units.count > 1
    for unit in units {
      guard let index = position[Int(plan.units.step[unit])], steps[index].seconds.indices.contains(worker)
      else { continue }
      let part = seconds * (whole > 0 ? plan.units.seconds[unit] / whole : 1)
      steps[index].seconds[worker] += part
      if isShared { steps[index].sharedSeconds += part }
    }
  }

  /// The seconds of each task by worker. A chunk counts where another worker than the task's own computes it: there it
  /// lies outside the task's time.
  private static func ownTimes(_ run: RecordedRun) -> [(task: Int, worker: Int, seconds: Double)] {
    var owner: [Int: Int] = [:]
    for part in run.parts where !part.isChunk { owner[part.task] = part.worker }
    return run.parts.compactMap { part in
      if part.isChunk, owner[part.task] == part.worker { return nil }
      return (part.task, part.worker, Double(part.time.count) * 1e-9)
    }
  }
}

extension Executable {
  /// What the runs that a recorder kept whole spent on each operator.
  ///
  /// - Parameters:
  ///   - recorder: The trace of the runs; one that holds no whole run gives a profile of none.
  ///   - workers: The executor's number of workers.
  package func profile(_ recorder: TraceRecorder, workers: Int) -> ExecutionProfile {
    ExecutionProfile(plan, recorder.wholeRuns(of: taskGraph), workers: workers)
  }
}
