/// What a `MakespanSimulator` expects of a run.
public struct MakespanPrediction: Hashable, Sendable {
  /// One task on one worker.
  public struct Interval: Hashable, Sendable {
    /// The task.
    public let task: TaskID
    /// When its body begins, in seconds from the run's start.
    public let begin: Double
    /// When its body ends, in seconds from the run's start.
    public let end: Double
  }

  /// How many workers there are.
  public let workers: Int
  /// The makespan: seconds from the run's start to the end of its last task.
  public let seconds: Double
  /// Seconds of all tasks, T₁.
  public let workSeconds: Double
  /// Seconds of the most expensive path, T∞.
  public let criticalPathSeconds: Double
  /// How many tasks a worker took from another's deque.
  public let steals: Int
  /// How often a sleeping worker was woken.
  public let wakes: Int
  /// What each worker does, in order of time.
  public let timeline: [[Interval]]

  /// How many times faster than the tasks one after the other; 1 for a graph that takes no time.
  public var speedUp: Double { seconds > 0 ? workSeconds / seconds : 1 }
  /// The share of the workers' time spent in bodies, from 0 to 1.
  public var utilization: Double { speedUp / Double(workers) }
}
