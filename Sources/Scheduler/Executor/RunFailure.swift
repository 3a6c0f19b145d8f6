/// Why a run did not do all that its graph says. The graph and the executor can be used again, except after `shutDown`.
public struct RunFailure: Error, Sendable, CustomStringConvertible {
  /// The cause, for callers that branch on it.
  public enum Code: Hashable, Sendable {
    /// A body threw; `taskName` and `underlying` say which and what.
    case taskFailed
    /// The run's token, the run around it, or the Swift task that waited for it was cancelled.
    case cancelled
    /// The run's deadline passed.
    case deadlineExceeded
    /// The executor was shut down before or during the run.
    case shutDown
    /// The run was not begun: it is nested in too many others, or its thread has too little stack left. `underlying` is a
    /// `SchedulerError` that says which, and how to mend it.
    case nestingTooDeep
  }

  /// The cause.
  public let code: Code
  /// The name of the graph.
  public let graphName: String
  /// The name of the first task that failed, for `taskFailed`.
  public let taskName: String?
  /// What that task threw, or why the run was not begun.
  public let underlying: (any Error)?
  /// Times and counts up to the end of the run; bodies that were skipped count as run.
  public let report: RunReport
  /// Whether the run had passed its point of no return: its other tasks all ran.
  public let committed: Bool

  /// A sentence: what, where, and why.
  public var description: String {
    let end = committed ? ", after the run was committed; its other tasks ran" : ""
    switch code {
    case .taskFailed:
      let cause = underlying.map { "\($0)" } ?? "unknown error"
      return "task “\(taskName ?? "")” of graph “\(graphName)” failed\(end): \(cause)"
    case .cancelled: return "the run of graph “\(graphName)” was cancelled"
    case .deadlineExceeded: return "the run of graph “\(graphName)” took longer than its deadline allows"
    case .nestingTooDeep:
      return "graph “\(graphName)” was not run: " + (underlying.map { "\($0)" } ?? "it is nested too deep")
    case .shutDown: return "graph “\(graphName)” did not run to its end: the executor was shut down"
    }
  }
}
