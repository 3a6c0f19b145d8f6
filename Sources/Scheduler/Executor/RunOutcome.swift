/// What is left of a run when it is over, taken out of the run state before that is used again.
struct RunOutcome: Sendable {
  var report: RunReport
  var failure: RunControl.Reason?
  var isCommitted: Bool
  var failedTask: UInt32
  var error: (any Error)?
}

extension RunFailure {
  /// The failure of a run that was not begun: for an error, or because of a shutdown.
  init(notBegun graph: TaskGraph, _ error: SchedulerError?, workers: Int) {
    let report = RunReport(
      wallSeconds: 0, busySeconds: 0, tasksRun: 0, tasksSkipped: 0, steals: 0, priorityInversions: 0,
      parks: 0,
      criticalPathSeconds: graph.criticalPath.seconds, workers: workers)
    self.init(
      code: error == nil ? .shutDown : .nestingTooDeep, graphName: graph.name, taskName: nil,
      underlying: error,
      report: report, committed: false)
  }

  /// The failure of a run of a graph.
  init?(_ outcome: RunOutcome, graph: TaskGraph) {
    guard let failure = outcome.failure else { return nil }
    self.init(
      code: failure.code, graphName: graph.name,
      taskName: failure == .taskFailed ? graph.name(of: TaskID(Int(outcome.failedTask))) : nil,
      underlying: outcome.error, report: outcome.report, committed: outcome.isCommitted)
  }
}

extension RunControl.Reason {
  /// The reason as callers know it.
  var code: RunFailure.Code {
    switch self {
    case .taskFailed: .taskFailed
    case .cancelled: .cancelled
    case .deadlineExceeded: .deadlineExceeded
    case .shutDown: .shutDown
    }
  }
}
