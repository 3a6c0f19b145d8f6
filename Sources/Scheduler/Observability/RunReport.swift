/// Times and counts of one run.
public struct RunReport: Hashable, Sendable {
  /// Seconds from the call to the last task's end.
  public let wallSeconds: Double
  /// Seconds that threads spent on tasks, the scheduling between them included, summed over threads.
  public let busySeconds: Double
  /// How many tasks ended, the skipped ones included.
  public let tasksRun: Int
  /// How many tasks were skipped because conditions did not choose them. Those that a failing or cancelled run skips are not
  /// among them.
  public let tasksSkipped: Int
  /// How many tasks a thread took from another's deque.
  public let steals: Int
  /// How many of those steals took a task although the one behind it in the same deque, the next to be stolen, had a higher
  /// rank. Looked at after the steal, so that others may have come in between.
  public let priorityInversions: Int
  /// How often a thread went to sleep while it waited for this run's tasks.
  public let parks: Int
  /// Seconds of the graph's most expensive path, by the tasks' costs: T∞, which no number of workers can beat.
  public let criticalPathSeconds: Double
  /// How many threads may have computed at once.
  public let workers: Int

  /// Seconds that the workers did not spend on tasks: wall time times workers, less the busy time.
  public var idleSeconds: Double { max(0, wallSeconds * Double(workers) - busySeconds) }

  /// The busy share of the workers' time, from 0 to 1.
  public var efficiency: Double {
    wallSeconds > 0 ? min(1, busySeconds / (wallSeconds * Double(workers))) : 1
  }
}
