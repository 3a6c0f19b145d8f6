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
  ///
  /// - Parameter mayBorrow: whether the caller holds something that a body may be waiting for in `lendingSlot`.
  package func runBlocking(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer?, options: borrowing RunOptions,
    mayBorrow: Bool = false
  ) throws(RunFailure) -> RunReport {
    let held = core.pointee.heldSlot()
    if let parent = held?.pointee.current, let error = core.pointee.nestingError(inside: parent) {
      throw RunFailure(notBegun: graph, error, workers: workerCount)
    }
    if held == nil, !core.pointee.beginCall() { throw refusal(graph) }
    let lent = held == nil ? LentSlot() : nil
    let environment = core.pointee.setFloatEnvironment()
    let outcome = core.pointee.lead(
      graph, argument: argument, options: options, held: held, mayBorrow: mayBorrow || lent != nil, on: core)
    tributary_set_float_environment(environment)
    if held == nil { core.pointee.endCall() }
    lent?.reclaim()
    if outcome.failure != nil, let failure = RunFailure(outcome, graph: graph) { throw failure }
    return outcome.report
  }

  /// Waits, inside a body or not, for something that the caller of a run which may borrow holds: such runs may
  /// compute in the slot of the calling thread meanwhile.
  package static func lendingSlot<Result>(while wait: () -> Result) -> Result {
    let lent = LentSlot()
    let result = wait()
    lent?.reclaim()
    return result
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
    try await runSuspending(graph, argument: argument, options: options)
  }

  /// The suspending run. `mayBorrow` as in `runBlocking`.
  package func runSuspending(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer?, options: RunOptions, mayBorrow: Bool = false
  ) async throws(RunFailure) -> RunReport {
    guard core.pointee.beginCall() else { throw refusal(graph) }
    guard hasThread() else {
      core.pointee.endCall()
      throw refusal(graph)
    }
    let argument = UncheckedArgument(pointer: argument)
    let stop = CancellationToken()
    let outcome = await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        core.pointee.submit(
          graph, argument: argument.pointer, options: options, stop: stop, mayBorrow: mayBorrow, on: core
        ) { continuation.resume(returning: $0) }
      }
    } onCancel: {
      stop.cancel()
      core.pointee.cancelUnbegun(stop)
    }
    return try withExtendedLifetime((graph, options, stop)) { () throws(RunFailure) in
      if let failure = RunFailure(outcome, graph: graph) { throw failure }
      graph.learn(Int64(outcome.report.busySeconds * 1e9))
      return outcome.report
    }
  }

  private func refusal(_ graph: TaskGraph) -> RunFailure {
    RunFailure(notBegun: graph, nil, isForked: core.pointee.isForked, workers: workerCount)
  }

  /// Whether there is a thread that serves asynchronous runs and jobs; starts it if need be.
  func hasThread() -> Bool {
    if workerCount > 1 { return true }
    // Before the lock, which a fork may find taken: the child then leaves both alone.
    core.pointee.hasThreads.store(true, ordering: .relaxed)
    return firstThread.withLock { isStarted in
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
    mayBorrow: Bool = false, on core: CorePointer, completion: @escaping @Sendable (RunOutcome) -> Void
  ) {
    let run = lease(graph.tables, identity: graph.identity, on: core)
    prepare(run, graph, argument: argument, options: options, parent: nil)
    run.pointee.mayBorrow = mayBorrow
    run.pointee.stop = stop.flag
    run.pointee.completion = completion
    run.pointee.isAsynchronous = true
    run.pointee.mayShare = mayShare(graph)
    run.pointee.isEager = sharing == .always || graph.isCoarse
    request(.start(run))
    // Cancelled before it got in line, or meanwhile.
    if stop.isCancelled { cancelUnbegun(stop) }
  }

  /// The slot of this executor that the calling thread holds.
  func heldSlot() -> UnsafeMutablePointer<Slot>? {
    let slot = ExecutorCore.currentSlot
    return slot?.pointee.core.pointee.slots == slots ? slot : nil
  }

  /// The slot that the calling thread holds, of whatever executor.
  static var currentSlot: UnsafeMutablePointer<Slot>? {
    tributary_thread_frame()?.assumingMemoryBound(to: Slot.self)
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
