internal import Synchronization

extension TaskContext {
  /// Runs another graph from within a body and returns when it is done. The thread keeps its slot and meanwhile runs tasks of
  /// that graph only, so nothing deadlocks.
  ///
  /// Cancellation, deadline and failure of this run reach the nested one; what that throws is the body's to handle.
  ///
  /// - Throws: `RunFailure`, with code `nestingTooDeep` when this run is nested in as many others as the executor's
  ///   `nestingLimit` says or the thread's stack is nearly used up.
  @discardableResult
  public func run(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer? = nil
  ) throws(RunFailure) -> RunReport {
    let core = run.pointee.core
    return try core.pointee.nest(
      graph, argument: argument, inside: run, slot: core.pointee.slots + workerIndex, on: core)
  }

  /// Calls a body for chunks of a range, on this thread and whoever joins in, and returns when all are done.
  ///
  /// Which thread gets which chunk, and in what order, is not determined; where chunks begin is: every `grain` numbers from
  /// the range's start. The waiting thread runs chunks of this loop only.
  ///
  /// - Parameters:
  ///   - range: the numbers; the loop over an empty range does nothing.
  ///   - grain: how many numbers make a chunk; less than 1 counts as 1.
  ///   - body: what to do with a chunk; called from several threads at once.
  /// - Throws: the first error that a body threw, after which chunks not yet begun are skipped; `CancellationError` when
  ///   the run was cancelled meanwhile and chunks were skipped; `SchedulerError` with code `nestingTooDeep` or
  ///   `stackExhausted` when the loop cannot be nested here.
  public func parallelFor(
    _ range: Range<Int>, grain: Int, _ body: @Sendable (Range<Int>) throws -> Void
  ) throws {
    try parallelFor(range, grain: grain) { range, _ in try body(range) }
  }

  /// The same for a body that wants to know who calls it: the context is that of the task around the loop, but for
  /// the worker's index, and serves to nest further loops and runs.
  public func parallelFor(
    _ range: Range<Int>, grain: Int,
    _ body: @Sendable (Range<Int>, borrowing TaskContext) throws -> Void
  ) throws {
    if range.isEmpty { return }
    let core = run.pointee.core
    if let error = core.pointee.nestingError(inside: run) { throw error }
    try withoutActuallyEscaping(body) { body in
      var holder = LoopBody(body: body)
      let outcome = withUnsafeMutablePointer(to: &holder) { holder in
        core.pointee.leadLoop(
          LoopRange(
            begin: range.lowerBound, end: range.upperBound, grain: max(1, grain), body: holder,
            task: UInt32(task.index)),
          inside: run, slot: core.pointee.slots + workerIndex, on: core)
      }
      if let error = outcome.error { throw error }
      if outcome.failure != nil { throw CancellationError() }
    }
  }
}

extension ExecutorCore {
  /// Runs a graph inside a body, on the thread that has called the body.
  func nest(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer?, inside run: RunPointer,
    slot: UnsafeMutablePointer<Slot>, on core: CorePointer
  ) throws(RunFailure) -> RunReport {
    if let error = nestingError(inside: run) {
      throw RunFailure(notBegun: graph, error, workers: slotCount)
    }
    let outcome = lead(graph, argument: argument, options: RunOptions(), held: slot, on: core)
    if let failure = RunFailure(outcome, graph: graph) { throw failure }
    return outcome.report
  }

  /// A loop whose first chunk takes less than this, times the chunks left, is not worth waking a thread for.
  private static let leastLoopTime: Int64 = 10_000

  /// Runs a parallel loop: the first chunks alone, then, if there is enough left, with others.
  fileprivate func leadLoop(
    _ loop: LoopRange, inside parent: RunPointer, slot: UnsafeMutablePointer<Slot>, on core: CorePointer
  ) -> RunOutcome {
    let run = lease(nil, identity: 0, on: core)
    let count = loop.chunkCount
    run.pointee.memory.cursorEnd = count
    run.pointee.loop = loop
    prepareInner(run, inside: parent)
    let course = tackleLoop(run, loop, count: count, slot: slot, on: core)
    if course == .abandoned { return abandon(run) }
    if course == .shared { close(run) }
    let outcome = collect(run, graph: nil, alone: course == .alone)
    endLease(run)
    return outcome
  }

  /// Sets up a leased run that is part of a task: a loop or a group.
  func prepareInner(_ run: RunPointer, inside parent: RunPointer) {
    run.pointee.argument = parent.pointee.argument
    run.pointee.parent = parent
    run.pointee.depth = parent.pointee.depth + 1
    run.pointee.token = nil
    run.pointee.stop = nil
    run.pointee.deadline = .max
    run.pointee.trace = parent.pointee.trace
    run.pointee.observation = nil
    run.pointee.criticalPathSeconds = 0
    run.pointee.started = monotonicNanoseconds()
    run.pointee.began = run.pointee.started
  }

  private func tackleLoop(
    _ run: RunPointer, _ loop: LoopRange, count: Int, slot: UnsafeMutablePointer<Slot>, on core: CorePointer
  ) -> Course {
    let worker = LoopWorker(core: core, run: run, loop: loop, slot: slot)
    guard mayHaveHelp else {
      _ = worker.runChunks()
      return .alone
    }
    var done = 0
    var window = 1
    while sharing != .always {
      let begin = monotonicNanoseconds()
      done += worker.runChunks(atMost: window)
      if done >= count { return .alone }
      let average = (monotonicNanoseconds() &- begin) / Int64(window)
      let (left, overflow) = average.multipliedReportingOverflow(by: Int64(count - done))
      if overflow || left >= ExecutorCore.leastLoopTime { break }
      window *= 2
    }
    run.pointee.remaining.store(count - done, ordering: .relaxed)
    open(run)
    wakeIdle()
    let begin = monotonicNanoseconds()
    worker.report(worker.runChunks(), busy: monotonicNanoseconds() &- begin)
    return waitFor(run, slot: slot, isNested: true, on: core) ? .shared : .abandoned
  }
}
