/// A task of a graph, by its position: the same in the builder and in the graph built from it.
public struct TaskID: Hashable, Sendable, CustomStringConvertible {
  /// The position, from 0.
  public let index: Int

  /// The task at a position.
  public init(_ index: Int) { self.index = index }

  /// The position, for instance `#17`.
  public var description: String { "#\(index)" }
}

/// How long a task's body is expected to run, in seconds.
///
/// Costs order tasks and tell whether a graph is worth waking other workers; they never change what a run computes.
public struct TaskCost: Hashable, Sendable, Comparable {
  /// The expected time in seconds.
  public var seconds: Double

  /// A cost in seconds; a negative or undefined number counts as zero.
  public init(seconds: Double) { self.seconds = seconds > 0 ? seconds : 0 }

  /// A cost in nanoseconds.
  public static func nanoseconds(_ value: Double) -> TaskCost { TaskCost(seconds: value / 1e9) }
  /// A cost in microseconds.
  public static func microseconds(_ value: Double) -> TaskCost { TaskCost(seconds: value / 1e6) }
  /// A cost in seconds.
  public static func seconds(_ value: Double) -> TaskCost { TaskCost(seconds: value) }

  /// What a task costs of which nothing is said: 1 µs.
  public static let unknown = TaskCost(seconds: 1e-6)

  /// Whether the left cost is less.
  public static func < (a: TaskCost, b: TaskCost) -> Bool { a.seconds < b.seconds }

  /// The cost in whole picoseconds, at most some 53 days.
  var picoseconds: UInt64 { UInt64(Swift.min(seconds * 1e12, 0x1p62).rounded()) }

  init(picoseconds: UInt64) { seconds = Double(picoseconds) / 1e12 }
}
