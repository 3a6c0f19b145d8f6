internal import TributaryScheduler

/// How long each task of a plan takes, measured: what priorities follow from in place of the cost model.
///
/// Costs belong to one plan, by its fingerprint, and to the number of workers that they were measured with, since tasks that
/// stream memory take longer when others do so too. They order tasks that are ready at the same time and change nothing that
/// is computed.
public struct MeasuredCosts: Sendable, Hashable {
  /// The plan's ``Plan/fingerprint``.
  public let plan: String
  /// How many workers ran.
  public let workers: Int
  /// How many runs count.
  public let runs: Int
  /// Seconds of each task, by its number in the plan.
  public let seconds: [Double]

  /// Costs from their parts. `Executable.use` checks them.
  public init(plan: String, workers: Int, runs: Int, seconds: [Double]) {
    self.plan = plan
    self.workers = workers
    self.runs = runs
    self.seconds = seconds
  }

  /// The mean time of each task over recorded runs, of which there is at least one; of four or more the middle half by wall
  /// time counts, so that neither interruptions nor lucky runs do. Means add up to a run's time, as medians do not. A task that
  /// has others help with a loop of its own counts from its beginning to its end.
  init(_ plan: Plan, _ recorded: [RecordedRun], workers: Int) {
    let typical = ExecutionProfile.typical(recorded)
    var seconds = [Double](repeating: 0, count: plan.taskCount)
    for run in typical {
      for part in run.parts where !part.isChunk {
        seconds[part.task] += Double(part.time.count) * 1e-9 / Double(typical.count)
      }
    }
    self.init(plan: plan.fingerprint, workers: workers, runs: typical.count, seconds: seconds)
  }
}

/// Why costs cannot be used for a plan.
public struct CostError: Error, Sendable, Hashable {
  /// The kind of mistake.
  public struct Code: Hashable, Sendable {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// The costs were measured on another plan.
    public static let otherPlan = Code("otherPlan")
    /// There are more or fewer costs than tasks.
    public static let wrongTaskCount = Code("wrongTaskCount")
    /// A time is negative, infinite or no number.
    public static let impossibleTime = Code("impossibleTime")
  }

  /// The kind of mistake.
  public let code: Code

  /// What is wrong and how to mend it, in a sentence.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension CostError: CustomStringConvertible {
  /// The sentence.
  public var description: String { message }
}
