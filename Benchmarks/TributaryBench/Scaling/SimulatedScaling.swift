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
    workload: String, workers: [Int], settings: StepSettings, seconds: Double, synthetic: String?,
    bandwidthLimit: Double?
  ) throws {
    let cores = try Placement.forThisProcess().workerCount
    let runs = try StepRuns(workload, workers: cores > 1 ? [1, cores] : [1], settings: settings)
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
