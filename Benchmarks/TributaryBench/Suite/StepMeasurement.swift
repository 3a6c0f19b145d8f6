internal import Foundation
internal import Tributary
internal import TributaryAutodiff
internal import TributaryMeasuring

/// How long a workload's steps take in this process, and what the workers did meanwhile.
struct StepMeasurement: Codable, Sendable {
  /// Median wall time of a step after warm-up.
  var medianMilliseconds: Double
  /// The fastest step.
  var minimumMilliseconds: Double
  /// The number of steps measured.
  var runs: Int
  /// From the beginning of the graph's construction to the end of the first step, without the drawing of initial values and samples.
  var firstSeconds: Double
  /// The largest resident set of the process so far.
  var peakResidentMegabytes: Double
  /// What the plan foretells that steps take, in megabytes of 10⁶ bytes.
  var plannedMegabytes: Double
  /// What was allocated for them, counted where it was.
  var allocatedMegabytes: Double
  /// Successful steals in a step, on average.
  var stealsPerStep: Double
  /// The share of the workers' time in which they had nothing to run.
  var idleShare: Double
  /// What steps that were recorded afterwards spent on each operator; nil where that was not asked for.
  var profile: ExecutionProfile?

  private static let warmUpSteps = 2
  private static let leastRuns = 5

  /// Builds, runs the first step, warms up, and measures for a while; then records further steps for a profile if one is
  /// wanted, so that recording slows no step that is timed.
  /// - Throws: what the library throws, and `BenchError` when the loss is not a number.
  init(
    workload name: String, threads: Int, seconds: Double, profiling: Bool = false,
    settings: StepSettings = StepSettings()
  ) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let workload = try PreparedWorkload(name, threads: threads, settings: settings)
    _ = try workload.step()
    firstSeconds = (clock.now - start).inSeconds - workload.drawingSeconds
    if let costs = settings.costs { try workload.useCosts(keptIn: costs) }
    for _ in 0..<StepMeasurement.warmUpSteps { _ = try workload.step() }
    var times: [Double] = []
    var steals = 0
    var busy = 0.0
    let end = clock.now + .seconds(seconds)
    while times.count < StepMeasurement.leastRuns || clock.now < end {
      let before = clock.now
      let report = try workload.step()
      times.append((clock.now - before).inSeconds)
      steals += report.steals
      busy += report.busySeconds
    }
    guard try workload.lastLoss().isFinite else { throw BenchError("\(name): the loss is not finite") }
    let wall = times.reduce(0, +)
    times.sort()
    medianMilliseconds = times[times.count / 2] * 1e3
    minimumMilliseconds = times[0] * 1e3
    runs = times.count
    stealsPerStep = Double(steals) / Double(runs)
    idleShare = Swift.max(0, 1 - busy / (wall * Double(threads)))
    peakResidentMegabytes = StepMeasurement.peakResidentMegabytes()
    plannedMegabytes = Double(workload.plannedMemory.total) / 1e6
    allocatedMegabytes = Double(workload.allocatedMemory.total) / 1e6
    if profiling { profile = workload.profile(try workload.record(atMost: runs)) }
  }

  private static func peakResidentMegabytes() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1024
  }
}
