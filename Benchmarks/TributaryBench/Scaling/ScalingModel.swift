internal import Tributary
internal import TributaryAutodiff

/// Predicts a step's time on any number of workers from times and bytes of its tasks on one.
///
/// Who runs what when is the executor's own policy, played by `MakespanSimulator`. A task takes its measured time, or longer
/// where memory bounds it: the bytes that it can have moved in its time on one worker, divided by its share of the
/// bandwidth when as many workers stream as are busy on average (Williams, Waterman and Patterson 2009, "Roofline", task by task).
struct ScalingModel {
  /// What limits a prediction most.
  enum Bound: String, Codable, Sendable {
    /// The work, shared evenly.
    case work
    /// The most expensive chain of tasks.
    case criticalPath = "critical path"
    /// Scheduling.
    case overhead
    /// The bytes, at the rate that all workers have together.
    case bandwidth
  }

  /// A step on some workers.
  struct Point: Codable, Sendable {
    /// How many.
    var workers: Int
    /// The predicted time.
    var seconds: Double
    /// The least time by each bound.
    var work: Double
    var criticalPath: Double
    var overhead: Double
    var bandwidth: Double

    /// The bound that asks for the most time.
    var bound: Bound {
      let bounds: [(Bound, Double)] = [
        (.work, work), (.criticalPath, criticalPath), (.bandwidth, bandwidth), (.overhead, overhead),
      ]
      return bounds.max { $0.1 < $1.1 }?.0 ?? .work
    }
  }

  let executable: Executable
  /// Seconds of each task on one worker, alone.
  let taskSeconds: [Double]
  /// Bytes of each task that may come from memory, at most what it can have moved in its time.
  private let bytes: [Double]
  /// Seconds of scheduling for each task.
  let overhead: Double
  let bandwidth: MemoryBandwidth
  private let topology: Topology

  /// A model of measured tasks on a machine.
  init(
    _ executable: Executable, taskSeconds: [Double], overhead: Double, bandwidth: MemoryBandwidth,
    topology: Topology
  ) {
    self.executable = executable
    self.taskSeconds = taskSeconds
    self.overhead = overhead
    self.bandwidth = bandwidth
    self.topology = topology
    let most = bandwidth.rate(streams: 1)
    bytes = zip(executable.taskBytes, taskSeconds).map { min($0, $1 * most) }
  }

  /// Bytes of a step that count against the bandwidth.
  var streamedBytes: Double { bytes.reduce(0, +) }

  /// A step on some workers.
  /// - Throws: `SchedulerError` when there cannot be as many.
  func point(workers: Int) throws(SchedulerError) -> Point {
    let placement = try Placement(
      topology: topology, request: ThreadCount.Request(workers, by: "--simulate"))
    var overheads = MakespanSimulator.Overheads.typical
    overheads.task = .seconds(overhead)
    let real = MakespanSimulator(placement: placement, overheads: overheads)
    let greedy = MakespanSimulator(placement: placement, overheads: .none)
    let ideal = try greedy.predictedRun(executable, taskSeconds)
    // How many are busy decides how long tasks take, and that in turn who is busy: twice is near enough.
    var times = taskSeconds
    var free = ideal
    for _ in 0..<2 {
      times = contended(streams: max(1, free.utilization * Double(workers)))
      free = try greedy.predictedRun(executable, times)
    }
    let prediction = try real.predictedRun(executable, times)
    return Point(
      workers: workers, seconds: prediction.seconds, work: ideal.workSeconds / Double(workers),
      criticalPath: ideal.criticalPathSeconds, overhead: max(0, prediction.seconds - free.seconds),
      bandwidth: streamedBytes / bandwidth.rate(streams: Double(workers)))
  }

  /// Seconds of each task while so many workers stream.
  private func contended(streams: Double) -> [Double] {
    let share = bandwidth.rate(streams: streams) / streams
    return zip(taskSeconds, bytes).map { max($0, $1 / share) }
  }
}

extension MakespanSimulator {
  fileprivate func predictedRun(
    _ executable: Executable, _ seconds: [Double]
  ) throws(SchedulerError) -> MakespanPrediction {
    try executable.predictedRun(on: self, costs: seconds.map { TaskCost(seconds: $0) })
  }
}
