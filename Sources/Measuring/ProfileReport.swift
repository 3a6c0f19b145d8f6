internal import Foundation
package import TributaryAutodiff

/// A profile against what the machine can do: times of a run by kind of operator and by worker, shares of the roofline,
/// of scheduling and of idling, and the operators that cost most.
///
/// Times are milliseconds of one run on average, summed over workers. An operator's `roofline` is the least time that the
/// machine's rates allow it, divided by its time; the rates are those of so many threads at once, divided by their number. Bytes
/// count once read and once written, against the triad's rate in the second-level cache up to 32 MB, and in memory
/// beyond: the share is a careful one.
package struct ProfileReport: Encodable, Sendable {
  /// Times and rates of one operator, or of all of a kind.
  package struct Line: Encodable, Sendable {
    /// The name in the graph; for a kind nil.
    package var name: String?
    /// The kind.
    package var `operator`: String
    /// How many operators.
    package var count: Int
    /// Into how many shards they are cut.
    package var shards: Int
    /// Milliseconds of a run.
    package var ms: Double
    /// The share of all operators' time.
    package var share: Double
    /// Operations a second, in billions.
    package var gflops: Double
    /// Bytes a second, in billions.
    package var gbs: Double
    /// The least time by the machine's rates divided by the time; nil without rates.
    package var roofline: Double?
    /// The part of the time that the cost model shared out within tasks of several operators.
    package var shared: Double
    /// Milliseconds of a run by worker.
    package var workersMs: [Double]
  }

  /// What one worker did.
  package struct Worker: Encodable, Sendable {
    /// Its number.
    package var worker: Int
    /// Milliseconds of a run in operators.
    package var ms: Double
    /// The share of the run's wall time.
    package var share: Double
  }

  /// How many runs were recorded.
  package let runs: Int
  /// The tasks of a run.
  package let tasks: Int
  /// Wall time of a run in milliseconds.
  package let wallMs: Double
  /// The shares of the workers' time: together 1.
  package let operatorShare: Double
  package let schedulingShare: Double
  package let idleShare: Double
  /// The share of the operators' time that the cost model shared out within tasks.
  package let sharedShare: Double
  /// The roofline's least time of all operators divided by their time; nil without rates.
  package let roofline: Double?
  /// The kinds of operators, dearest first.
  package let kinds: [Line]
  /// The workers.
  package let workers: [Worker]
  /// The ten operators that cost most, dearest first.
  package let dearest: [Line]

  private static let dearestCount = 10

  /// Compares a profile with the machine.
  ///
  /// - Parameter rates: The machine's rates with as many threads as the profile has workers; nil leaves shares of the
  ///   roofline out.
  package init(_ profile: ExecutionProfile, rates: MachineRates?) {
    let builder = LineBuilder(profile, rates)
    let available = max(profile.wallSeconds * Double(profile.workers), .leastNormalMagnitude)
    runs = profile.runs
    tasks = profile.tasks
    wallMs = profile.wallSeconds * builder.perRun
    let spent = max(available, profile.operatorSeconds + profile.schedulingSeconds + profile.idleSeconds)
    operatorShare = profile.operatorSeconds / spent
    schedulingShare = profile.schedulingSeconds / spent
    idleShare = profile.idleSeconds / spent
    let all = builder.line(of: profile.steps, name: nil)
    (sharedShare, roofline) = (all.shared, all.roofline)
    kinds = Dictionary(grouping: profile.steps, by: \.operatorName).values
      .map { builder.line(of: $0, name: nil) }
      .sorted { ($1.ms, $0.operator) < ($0.ms, $1.operator) }
    workers = all.workersMs.enumerated().map { worker, ms in
      Worker(
        worker: worker, ms: ms,
        share: profile.wallSeconds > 0 ? ms / (profile.wallSeconds * builder.perRun) : 0)
    }
    dearest = profile.steps.sorted { $0.totalSeconds > $1.totalSeconds }.prefix(ProfileReport.dearestCount)
      .map { builder.line(of: [$0], name: $0.name) }
  }

  /// The report as one JSON object on one line, after other cells that say what was profiled.
  ///
  /// - Parameters:
  ///   - subject: The name and value of a cell, as `workload` and `mlp`.
  ///   - threads: The number of threads.
  package func json(_ subject: (name: String, value: String), threads: Int) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let cells: [(String, any Encodable)] = [
      ("system", "tributary"), (subject.name, subject.value), ("threads", threads), ("profile", self),
      ("cpu", Processor.name),
    ]
    let members = try cells.map { name, value in
      "\"\(name)\": " + String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    return "{" + members.joined(separator: ", ") + "}"
  }
}

/// Makes lines of a report from operators.
private struct LineBuilder {
  let perRun: Double
  private let profile: ExecutionProfile
  private let rates: MachineRates?

  init(_ profile: ExecutionProfile, _ rates: MachineRates?) {
    self.profile = profile
    self.rates = rates
    perRun = 1e3 / Double(max(profile.runs, 1))
  }

  /// The line of some operators of one kind; of all of them, the kind does not matter.
  func line(of steps: [ExecutionProfile.Step], name: String?) -> ProfileReport.Line {
    let seconds = steps.reduce(0) { $0 + $1.totalSeconds }
    let whole = profile.operatorSeconds
    let runs = Double(profile.runs)
    // Six decimals are more than anybody measures.
    func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
    func rate(_ amount: Double) -> Double { seconds > 0 ? rounded(amount * runs / seconds / 1e9) : 0 }
    return ProfileReport.Line(
      name: name, operator: steps.first?.operatorName ?? "", count: steps.count,
      shards: steps.reduce(0) { $0 + $1.shards }, ms: rounded(seconds * perRun),
      share: whole > 0 ? rounded(seconds / whole) : 0, gflops: rate(steps.reduce(0) { $0 + $1.flops }),
      gbs: rate(steps.reduce(0) { $0 + $1.bytes }),
      roofline: rates.map { rates in
        seconds > 0 ? rounded(steps.reduce(0) { $0 + least($1, rates) } * runs / seconds) : 0
      },
      shared: seconds > 0 ? rounded(steps.reduce(0) { $0 + $1.sharedSeconds } / seconds) : 0,
      workersMs: (0..<profile.workers).map { worker in
        rounded(steps.reduce(0) { $0 + $1.seconds[worker] } * perRun)
      })
  }

  /// The least seconds of one worker on an operator in one run.
  private func least(_ step: ExecutionProfile.Step, _ rates: MachineRates) -> Double {
    rates.roofline(ShapeClass(holding: step.bytes)).seconds(CallWork(flops: step.flops, bytes: step.bytes))
      * Double(profile.workers)
  }
}

extension ShapeClass {
  /// The class whose triad is the fastest that so many bytes could be streamed at: what a last-level cache may hold counts
  /// as `cache`.
  package init(holding bytes: Double) {
    self = bytes <= Double(12 * ShapeClass.small.elementCount) ? .small : bytes <= 32e6 ? .cache : .memory
  }
}
