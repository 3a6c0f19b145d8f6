/// Learns when runs and tasks begin and end: for metrics, logs and tests. Set for an executor in its configuration, for single runs
/// in their options, or both.
///
/// All functions are called by the thread that does what they tell, several at once, between tasks of a run that others may wait
/// for: they should be short and must not call the executor. Those not implemented do nothing. Runs without observers cost
/// nothing for them.
public protocol TaskObserver: Sendable {
  /// A run begins. It was not refused; none of its tasks has begun.
  func runBegan(_ run: ObservedRun)
  /// A run ends; all of its tasks have.
  ///
  /// - Parameters:
  ///   - run: the run, as `runBegan` was given it.
  ///   - report: its times and counts.
  ///   - failure: why it did not do all that its graph says, or nil.
  func runEnded(_ run: ObservedRun, report: RunReport, failure: RunFailure.Code?)
  /// A task's body is about to be called. Tasks that are skipped neither begin nor end.
  func taskBegan(_ task: ObservedTask)
  /// A task's body has returned or thrown.
  func taskEnded(_ task: ObservedTask, error: (any Error)?)
}

extension TaskObserver {
  /// Does nothing.
  public func runBegan(_ run: ObservedRun) {}
  /// Does nothing.
  public func runEnded(_ run: ObservedRun, report: RunReport, failure: RunFailure.Code?) {}
  /// Does nothing.
  public func taskBegan(_ task: ObservedTask) {}
  /// Does nothing.
  public func taskEnded(_ task: ObservedTask, error: (any Error)?) {}
}

/// A run of a graph, or a task group, for observers.
public struct ObservedRun: Hashable, Sendable {
  /// A number that no other run of the process has.
  public let id: UInt64
  /// The number of the run around this one, on the same executor.
  public let parent: UInt64?
  /// The name of the graph; for a task group, of the graph whose task it belongs to.
  public let graphName: String
}

/// A task that a worker runs, for observers. Chunks of loops are part of their task.
public struct ObservedTask: Hashable, Sendable {
  /// The run that it belongs to.
  public let run: UInt64
  /// The task; in a task group the graph's task that the group belongs to.
  public let task: TaskID
  /// The task's name, as `TaskGraph.name(of:)` gives it; in a task group what `add` was given.
  public let name: String
  /// The slot of the thread that runs it, as in `TaskContext.workerIndex`.
  public let workerIndex: Int
}

/// What a run's observers are told. Exists for runs with observers only.
final class RunObservation: Sendable {
  let run: ObservedRun
  private let observers: [any TaskObserver]
  /// Names the tasks; nil for a group, whose tasks have names of their own.
  private let graph: TaskGraph?

  init(run: ObservedRun, observers: [any TaskObserver], graph: TaskGraph?) {
    self.run = run
    self.observers = observers
    self.graph = graph
    for observer in observers { observer.runBegan(run) }
  }

  /// The observation of a run inside this one.
  func inner(_ id: UInt64, graph: TaskGraph?, and more: (any TaskObserver)?) -> RunObservation {
    RunObservation(
      run: ObservedRun(id: id, parent: run.id, graphName: graph?.name ?? run.graphName),
      observers: observers + (more.map { [$0] } ?? []), graph: graph)
  }

  func end(_ report: RunReport, _ failure: RunFailure.Code?) {
    for observer in observers { observer.runEnded(run, report: report, failure: failure) }
  }

  func task(_ task: TaskID, name: String?, worker: Int) -> ObservedTask {
    ObservedTask(run: run.id, task: task, name: name ?? graph?.name(of: task) ?? "", workerIndex: worker)
  }

  func began(_ task: ObservedTask) { for observer in observers { observer.taskBegan(task) } }

  func ended(_ task: ObservedTask, _ error: (any Error)?) {
    for observer in observers { observer.taskEnded(task, error: error) }
  }
}

// SAFETY: observations are retained here and released by endObservation when every task has ended.
extension ExecutorCore {
  /// Begins to observe a run if anybody wants to.
  ///
  /// - Parameters:
  ///   - graph: the graph, or nil for a task group.
  ///   - parent: the run around it.
  ///   - observer: one more than those of the executor and of the run around it.
  func observation(
    of run: RunPointer, _ graph: TaskGraph?, inside parent: RunPointer?, and observer: (any TaskObserver)?
  ) -> Unmanaged<RunObservation>? {
    let id = run.pointee.id
    if let outer = parent?.nearestObservation {
      return outer._withUnsafeGuaranteedRef { .passRetained($0.inner(id, graph: graph, and: observer)) }
    }
    let observers = [self.observer, observer].compactMap { $0 }
    if observers.isEmpty { return nil }
    let observed = ObservedRun(id: id, parent: parent?.pointee.id, graphName: graph?.name ?? "")
    return .passRetained(RunObservation(run: observed, observers: observers, graph: graph))
  }
}

extension UnsafeMutablePointer where Pointee == RunState {
  /// Calls a body between telling the run's observers of it, if there are any.
  @inline(__always)
  func observing(
    _ task: TaskID, name: String?, worker: Int, _ body: () -> (any Error)?
  ) {
    guard let observation = pointee.observation else {
      _ = body()
      return
    }
    // SAFETY: the observation lives until every task of the run is reported, and this one is not.
    observation._withUnsafeGuaranteedRef { observation in
      let observed = observation.task(task, name: name, worker: worker)
      observation.began(observed)
      observation.ended(observed, body())
    }
  }

  // SAFETY: the runs around one that is under way are so too, and keep their observations.
  /// The observation of this run, or if it is a loop of the run around it.
  var nearestObservation: Unmanaged<RunObservation>? {
    var run = self
    while run.pointee.tables == nil, run.pointee.group == nil, let around = run.pointee.parent {
      run = around
    }
    return run.pointee.observation
  }

  /// Ends the observation of a run whose tasks have all ended. The field keeps its value until the next lease: a late visitor may
  /// still ask whether it is nil.
  func endObservation(_ report: RunReport, _ failure: RunFailure.Code?) {
    guard let observation = pointee.observation else { return }
    observation._withUnsafeGuaranteedRef { $0.end(report, failure) }
    observation.release()
  }
}
