internal import CSchedulerShims
internal import Synchronization

extension GraphExecutor {
  /// Makes ready what runs of a graph need, so that runs of it, one at a time, allocate nothing: not even the first, nor
  /// one that begins while a thread is still leaving the last. Without it the first few runs allocate when they must.
  ///
  /// - Complexity: O(tasks) time and, for each worker up to the fourth, O(tasks) bytes. Does not block; from any thread.
  public func reserve(for graph: TaskGraph) {
    core.pointee.reserve(graph.tables, identity: graph.identity, on: core)
  }

  /// The blocking run, also from within a task.
  func runBlocking(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer?, options: borrowing RunOptions
  ) throws(RunFailure) -> RunReport {
    let held = core.pointee.heldSlot()
    if let parent = held?.pointee.current, let error = core.pointee.nestingError(inside: parent) {
      throw RunFailure(notBegun: graph, error, workers: workerCount)
    }
    if held == nil, !core.pointee.beginCall() { throw refusal(graph) }
    let environment = core.pointee.setFloatEnvironment()
    let outcome = core.pointee.lead(graph, argument: argument, options: options, held: held, on: core)
    tributary_set_float_environment(environment)
    if held == nil { core.pointee.endCall() }
    if outcome.failure != nil, let failure = RunFailure(outcome, graph: graph) { throw failure }
    return outcome.report
  }

  /// Runs a graph on the executor's own threads and suspends the caller meanwhile; no thread is blocked.
  ///
  /// An executor with one worker starts its one thread on the first such call. Cancelling the Swift task cancels the run.
  ///
  /// - Throws: `RunFailure` as the blocking overload does.
  @discardableResult
  public func run(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer? = nil, options: RunOptions = RunOptions()
  ) async throws(RunFailure) -> RunReport {
    guard core.pointee.beginCall() else { throw refusal(graph) }
    guard startAsyncThread() else {
      core.pointee.endCall()
      throw refusal(graph)
    }
    let argument = UncheckedArgument(pointer: argument)
    let stop = CancellationToken()
    let outcome = await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        core.pointee.submit(
          graph, argument: argument.pointer, options: options, stop: stop, on: core
        ) { continuation.resume(returning: $0) }
      }
    } onCancel: {
      stop.cancel()
    }
    return try withExtendedLifetime((graph, options, stop)) { () throws(RunFailure) in
      if let failure = RunFailure(outcome, graph: graph) { throw failure }
      return outcome.report
    }
  }

  private func refusal(_ graph: TaskGraph) -> RunFailure {
    RunFailure(notBegun: graph, nil, workers: workerCount)
  }

  private func startAsyncThread() -> Bool {
    if workerCount > 1 { return true }
    return asyncThread.withLock { isStarted in
      if isStarted { return true }
      isStarted = (try? start(0..<1)) != nil
      return isStarted
    }
  }
}

// SAFETY: only carried from the caller to the run; what it points to is the caller's and the bodies' affair.
private struct UncheckedArgument: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer?
}

extension ExecutorCore {
  /// Opens a run that nobody waits for; `completion` is called by the thread that ends it. A call must have begun.
  func submit(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer?, options: RunOptions, stop: CancellationToken,
    on core: CorePointer, completion: @escaping @Sendable (RunOutcome) -> Void
  ) {
    let run = lease(graph.tables, identity: graph.identity, on: core)
    prepare(run, graph, argument: argument, options: options, parent: nil)
    run.pointee.stop = stop.flag
    run.pointee.completion = completion
    if graph.taskCount == 0 {
      open(run, remaining: 0)
      finish(run)
    } else {
      open(run, remaining: graph.taskCount)
    }
  }

  /// The innermost slot of this executor that the calling thread holds.
  func heldSlot() -> UnsafeMutablePointer<Slot>? {
    var slot = tributary_thread_frame()?.assumingMemoryBound(to: Slot.self)
    while let current = slot, current.pointee.core.pointee.slots != slots { slot = current.pointee.outer }
    return slot
  }

  /// Counts a call in, unless the executor is shut down.
  func beginCall() -> Bool {
    // ORDERING: sequentially consistent, before the look at the shutdown (pairs with closeDoors).
    calls.wrappingAdd(1, ordering: .sequentiallyConsistent)
    if !isClosed { return true }
    endCall()
    return false
  }

  /// Counts a call out.
  func endCall() {
    // ORDERING: sequentially consistent, before the look for a shutdown (pairs with closeDoors, then waitUntilDrained or
    // a pool thread's last look).
    let left = calls.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
    if left == 0, isClosed {
      drained.notifyAll()
      if isStopping.load(ordering: .sequentiallyConsistent) { idle.notifyAll() }
    }
  }
}
