internal import Synchronization

/// Runs whose tasks may have to wait for semaphores, from the point of view of the executor.
extension ExecutorCore {
  /// How long, in nanoseconds, a thread sleeps at most that watches over waiting tasks: whoever cancels a run, or lets its
  /// deadline pass, wakes nobody. Untuned.
  private static let nap: Int64 = 2_000_000

  /// Leads a run of a graph with semaphores. It has no solo phase: a task that waits can be made ready by any thread.
  ///
  func tackleWaiting(
    _ run: RunPointer, _ graph: TaskGraph, slot: UnsafeMutablePointer<Slot>, isNested: Bool, mayShare: Bool,
    on core: CorePointer
  ) -> Course {
    run.pointee.remaining.store(graph.taskCount, ordering: .relaxed)
    if mayShare { open(run) }
    var worker = Worker(core: core, run: run, tables: graph.tables, slot: slot)
    if !isNested, mayShare { worker.role = .caller }
    if mayShare { worker.wakeOthers(several: true) }
    worker.runShared(first: WorkStealingDeque.none, since: run.pointee.began, takesTurns: false)
    _ = consume worker
    guard waitFor(run, slot: slot, isNested: isNested, on: core) else { return .abandoned }
    return mayShare ? .shared : .alone
  }

  /// How long the leader of a run may sleep.
  func sleepLimit(_ run: RunPointer) -> Int64? {
    // ORDERING: sequentially consistent, after announcing (pairs with announceWaiting).
    run.pointee.waiting.load(ordering: .sequentiallyConsistent) > 0 ? ExecutorCore.nap : nil
  }

  /// Wakes somebody: for a task that is to try for its units again; and when a task waits, to sleep in naps from then on.
  func announceWaiting(_ run: RunPointer) {
    if run.pointee.owners.hasSleepers, run.pointee.owners.notifyOne() { return }
    if run.pointee.gate.isOpen { wakeIdle() }
  }

  /// Makes the waiting tasks of a run ready if they are to be skipped. The leader's, or anybody's within an inspection.
  func settleWaiting(_ run: RunPointer) {
    run.pointee.poll()
    guard run.pointee.control.skips else { return }
    let waits = run.pointee.memory.waits
    for index in 0..<waits.count {
      let queue = waits.queues + index
      queue.pointee.semaphore._withUnsafeGuaranteedRef { $0.release(queue) }
    }
  }

  /// The same for a visitor, if tasks wait and the run is not over.
  func settleWaitingAsVisitor(_ run: RunPointer) {
    if run.pointee.waiting.load(ordering: .relaxed) == 0 { return }
    guard run.pointee.beginInspection() else { return }
    settleWaiting(run)
    run.pointee.endInspection()
  }

  /// Where a pool thread sleeps: without end, but for one that watches over waiting tasks of open runs.
  ///
  /// The thread has announced itself and does not count as searching; afterwards it does.
  func sleepIdle() {
    // ORDERING: sequentially consistent, after announcing (pairs with announceWaiting); the exchange lets one thread watch.
    guard hasWaitingTasks, !isWatched.exchange(true, ordering: .sequentiallyConsistent) else {
      _ = idle.sleep()
      return
    }
    let isNotified = idle.sleep(timeout: ExecutorCore.nap)
    isWatched.store(false, ordering: .sequentiallyConsistent)
    if !isNotified || hasWaitingTasks {
      searching.wrappingAdd(1, ordering: .sequentiallyConsistent)
      // Off to other work: somebody else may watch.
      if isNotified, !idle.notifyOne() { searching.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    }
  }

  private var hasWaitingTasks: Bool {
    // ORDERING: sequentially consistent, see sleepIdle.
    if openRuns.load(ordering: .sequentiallyConsistent) == 0 { return false }
    return firstState {
      $0.pointee.gate.isOpen && $0.pointee.waiting.load(ordering: .sequentiallyConsistent) > 0
    } != nil
  }
}
