internal import ArgumentParser
internal import Foundation
internal import Tributary
internal import TributaryAutodiff
internal import TributaryMeasuring

/// A workload's step measured here, and predicted for other numbers of workers.
struct SimulatedScaling: Codable, Sendable {
  var tasks: Int
  /// T₁ and T∞ in seconds, as measured on one worker.
  var work: Double
  var criticalPath: Double
  /// T₁/T∞ by the cost model, which cuts follow from.
  var modelParallelism: Double
  /// Seconds of scheduling for each task.
  var overhead: Double
  var bandwidth: MemoryBandwidth
  /// Bytes that count against the bandwidth.
  var streamedBytes: Double
  /// Measured seconds of a step by number of workers.
  var measured: [Int: Double]
  var points: [ScalingModel.Point]

  private static let secondsOfRates = 0.2

  /// Measures in this process with one worker and with as many as it may use, and predicts.
  init(
    workload: String, workers: [Int], cuts: CutSize, seconds: Double, synthetic: String?,
    bandwidthLimit: Double?
  ) throws {
    let cores = try Placement.forThisProcess().workerCount
    let runs = try StepRuns(workload, workers: cores > 1 ? [1, cores] : [1], cuts: cuts)
    let times = try runs.measure(seconds: seconds)
    let plan = runs.executable.plan
    let size = ShapeClass(holding: Double(plan.arenaBytes + plan.storeBytes + plan.feedBytes))
    func rate(_ threads: Int) throws -> Double {
      try MachineRates.streams(size, threads: threads, seconds: SimulatedScaling.secondsOfRates).triad
    }
    let alone = try rate(1)
    bandwidth = MemoryBandwidth(
      alone: alone, together: cores > 1 ? try rate(cores) : alone, cores: cores, limit: bandwidthLimit)
    let model = ScalingModel(
      runs.executable, taskSeconds: times.tasks, overhead: times.overhead, bandwidth: bandwidth,
      topology: try synthetic.map { try Topology(synthetic: $0) } ?? .machine)
    points = try workers.map { try model.point(workers: $0) }
    let one = try model.point(workers: 1)
    (work, criticalPath) = (one.work, one.criticalPath)
    tasks = plan.taskCount
    modelParallelism = plan.parallelism
    overhead = times.overhead
    streamedBytes = model.streamedBytes
    measured = times.steps
  }

  /// A line about the plan and the machine.
  func heading(_ workload: String) -> String {
    let rates = String(
      format: "%.1f GB/s alone, %.1f by %d", bandwidth.alone / 1e9, bandwidth.together / 1e9, bandwidth.cores)
    let limit = bandwidth.limit.map { String(format: ", at most %.0f", $0 / 1e9) } ?? ""
    return String(
      format: "%@: %d tasks, T₁ %.3f ms, T∞ %.3f ms, T₁/T∞ %.1f as measured and %.1f by the cost model, "
        + "%.0f ns of scheduling a task, %.1f MB streamed at %@%@",
      workload, tasks, work * 1e3, criticalPath * 1e3, criticalPath > 0 ? work / criticalPath : 1,
      modelParallelism, overhead * 1e9, streamedBytes / 1e6, rates, limit)
  }

  /// A row for each prediction.
  func rows(_ workload: String) -> [Row] {
    let single = points.first { $0.workers == 1 }?.seconds ?? work
    return points.map { point in
      let real = measured[point.workers]
      return Row([
        "system": "tributary", "workload": .text(workload), "workers": .integer(point.workers),
        "predicted_ms": .number(point.seconds * 1e3, decimals: 4),
        "speedup": .number(single / point.seconds, decimals: 2), "bound": .text(point.bound.rawValue),
        "measured_ms": real.map { .number($0 * 1e3, decimals: 4) } ?? .missing,
        "ratio": real.map { .number(point.seconds / $0, decimals: 3) } ?? .missing,
        "work_ms": .number(point.work * 1e3, decimals: 4),
        "path_ms": .number(point.criticalPath * 1e3, decimals: 4),
        "bandwidth_ms": .number(point.bandwidth * 1e3, decimals: 4),
        "overhead_ms": .number(point.overhead * 1e3, decimals: 4),
        "parallelism": .number(criticalPath > 0 ? work / criticalPath : 1, decimals: 2),
        "model_parallelism": .number(modelParallelism, decimals: 2),
      ])
    }
  }
}

/// `tributary-bench simulate-step`: one workload measured and simulated in this process, written as JSON; `scaling
/// --simulate` runs it.
struct SimulateStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "simulate-step", shouldDisplay: false)

  @Option var workload: String
  @Option var seconds: Double
  @Option var granularity = CutSize.default
  @OptionGroup var simulation: SimulationOptions

  func run() throws {
    let result = try SimulatedScaling(
      workload: workload, workers: simulation.simulate?.counts ?? [], cuts: granularity, seconds: seconds,
      synthetic: simulation.synthetic, bandwidthLimit: simulation.bandwidth.map { $0 * 1e9 })
    FileHandle.standardOutput.write(try JSONEncoder().encode(result))
  }
}

/// What to predict, and for which machine.
struct SimulationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Predict the step for these numbers of workers, 1 to 1024: a list, or a range, which stands for its ends and the powers \
      of two between.
      """, valueName: "1...128"))
  var simulate: WorkerCounts?

  @Option(
    help: ArgumentHelp(
      "Predict for another machine, in hwloc's synthetic language, instead of this one.",
      valueName: "pack:2 numa:2 l3:4 core:8 pu:2"))
  var synthetic: String?

  @Option(
    help: ArgumentHelp(
      "GB/s that the predicted machine's memory gives at most; without it every core brings as much as one does here.",
      valueName: "rate"))
  var bandwidth: Double?

  func validate() throws {
    if simulate == nil, synthetic != nil || bandwidth != nil {
      throw ValidationError("--synthetic and --bandwidth say what to --simulate; give numbers of workers too")
    }
    if let bandwidth, !(bandwidth > 0 && bandwidth.isFinite) {
      throw ValidationError("--bandwidth is \(bandwidth): give a number above 0")
    }
    do {
      if let synthetic { _ = try Topology(synthetic: synthetic) }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// The command-line arguments that give these options.
  var arguments: [String] {
    (simulate.map { ["--simulate", $0.argument] } ?? []) + (synthetic.map { ["--synthetic", $0] } ?? [])
      + (bandwidth.map { ["--bandwidth", "\($0)"] } ?? [])
  }
}
