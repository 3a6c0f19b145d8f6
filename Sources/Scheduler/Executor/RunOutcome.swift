/// What is left of a run when it is over, taken out of the run state before that is used again.
struct RunOutcome: Sendable {
  var report: RunReport
  var failure: RunControl.Reason?
  var isCommitted: Bool
  var failedTask: UInt32
  var error: (any Error)?
}

extension RunFailure {
  /// The failure of a run of a graph.
  init?(_ outcome: RunOutcome, graph: TaskGraph) {
    guard let failure = outcome.failure else { return nil }
    let code: Code
    switch failure {
    case .taskFailed: code = .taskFailed
    case .cancelled: code = .cancelled
    case .deadlineExceeded: code = .deadlineExceeded
    case .shutDown: code = .shutDown
    case .forked: code = .forked
    }
    self.init(
      code: code, graphName: graph.name,
      taskName: failure == .taskFailed ? graph.name(of: TaskID(Int(outcome.failedTask))) : nil,
      underlying: outcome.error, report: outcome.report, committed: outcome.isCommitted)
  }
}
