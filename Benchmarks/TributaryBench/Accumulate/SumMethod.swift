internal import TributaryScheduler

/// The ways to add contributions that are compared.
enum SumMethod: String, CaseIterable, Sendable {
  /// By the plan of a differentiated graph.
  case planned
  /// As they arrive, each under one mutex.
  case mutex
  /// As they arrive, each float by compare-and-exchange.
  case atomic

  /// The sum of the contributions by this method, ready to run.
  func sum(_ work: Contributions, workers: Int, on executor: GraphExecutor) throws -> any RunnableSum {
    switch self {
    case .planned: return try PlannedSum(work, on: executor)
    case .mutex: return try ArrivalOrderSum(work, method: .mutex, workers: workers, on: executor)
    case .atomic: return try ArrivalOrderSum(work, method: .atomic, workers: workers, on: executor)
    }
  }
}
