internal import CSchedulerShims
internal import Synchronization

/// Work that waits for a pool thread: asynchronous runs and jobs.
extension ExecutorCore {
  /// Adds work to the line and sees to it that a pool thread comes. A call must have begun.
  func request(_ work: PoolWork) {
    if line.add(work) { wakeIdle() }
  }

  /// Leaves an asynchronous run to whoever comes later. The calling thread must have tasks of it that are not yet reported.
  func leave(_ run: RunPointer) {
    if isForked { return }
    // ORDERING: relaxed: published by the report that the caller has yet to make.
    run.pointee.wasLeft.store(true, ordering: .relaxed)
    request(.goOn(run))
  }

  /// Does work that waits, as long as it is this pool thread's turn. The thread is counted as searching before and after.
  func serveLine(preferring preferred: Int, on core: CorePointer) {
    // ORDERING: sequentially consistent, like every access to this count (see README.md, "Parking").
    let left = searching.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
    // Others may have trusted that this thread looks for work, and it is about to take one piece.
    if left == 0, line.unservedCount > 1 { wakeIdle() }
    var turn: SlotTurn?
    if let slot = takeSlot(preferring: preferred) {
      turn = nextTurn(slot)
    } else {
      turn = standInLine { line.serve($0) }
    }
    while let current = turn, let work = current.work {
      setFloatEnvironment()
      perform(work, slot: current.slot, on: core)
      turn = nextTurn(current.slot)
    }
    searching.wrappingAdd(1, ordering: .sequentiallyConsistent)
  }

  /// What this thread does next: in its slot or, when others come first, in the next slot that it gets.
  private func nextTurn(_ slot: UnsafeMutablePointer<Slot>) -> SlotTurn? {
    var next = SlotQueue.Next.nothing
    let later = standInLine { waiter in
      next = line.next(with: slot, waiter)
      switch next {
      case .work, .nothing: return false
      case .passedOn(let isInLine):
        tributary_set_thread_frame(nil)
        return isInLine
      }
    }
    switch next {
    case .work(let work): return SlotTurn(slot: slot, work: work)
    case .passedOn: return later
    case .nothing:
      releaseSlot(slot)
      return nil
    }
  }

  private func perform(_ work: PoolWork, slot: UnsafeMutablePointer<Slot>, on core: CorePointer) {
    switch work {
    case .start(let run): begin(run, slot: slot, on: core)
    case .goOn(let run):
      // The run may have ended meanwhile, and its state may serve another; then this is a visit like any other.
      guard run.pointee.gate.isOpen, run.pointee.gate.enter() else { return }
      help(run, slot: slot, as: .server, on: core)
      run.pointee.gate.leave()
    case .job(let job, let executor):
      job.runSynchronously(on: executor.takeUnretainedValue().asUnownedTaskExecutor())
      // SAFETY: the reference that `enqueue` retained. It may be the last: then the executor shuts down here.
      executor.release()
      endCall()
    }
  }

  /// Does the leader's part in an asynchronous run.
  private func begin(_ run: RunPointer, slot: UnsafeMutablePointer<Slot>, on core: CorePointer) {
    guard let tables = run.pointee.tables else { return }
    run.pointee.began = monotonicNanoseconds()
    var worker = Worker(core: core, run: run, tables: tables, slot: slot)
    worker.role = sharing == .never ? .nested : .server
    if tables.extras?.pointee.hasSemaphores == true {
      // No solo phase: a task that waits can be made ready by any thread.
      run.pointee.remaining.store(tables.taskCount, ordering: .relaxed)
      goOn(worker, first: WorkStealingDeque.none)
      return
    }
    guard let next = worker.runSolo(mayShare: run.pointee.mayShare, eager: run.pointee.isEager) else {
      slot.pointee.finished.store(
        slot.pointee.finished.load(ordering: .relaxed) &+ Int64(tables.taskCount), ordering: .relaxed)
      _ = consume worker
      complete(run, alone: true)
      return
    }
    goOn(worker, first: next)
  }

  /// Opens an asynchronous run, of which this thread has done its solo part, and works on it as a visitor from then on, since
  /// whoever reports the last task ends the run. It cannot have ended yet.
  private func goOn(_ worker: consuming Worker, first: UInt32) {
    let run = worker.run
    open(run)
    _ = run.pointee.gate.enter()
    worker.wakeOthers(several: true)
    worker.runShared(first: first, since: run.pointee.began, takesTurns: false)
    _ = consume worker
    run.pointee.gate.leave()
  }

  /// Ends an asynchronous run that is done, or that nobody has begun.
  func complete(_ run: RunPointer, alone: Bool) {
    let completion = run.pointee.completion
    run.pointee.completion = nil
    if run.pointee.wasLeft.load(ordering: .relaxed), !isForked { _ = line.withdraw { $0.isRest(of: run) } }
    let outcome = collect(run, graph: nil, alone: alone)
    endLease(run)
    endCall()
    completion?(outcome)
  }

  /// Ends an asynchronous run at once if it was cancelled and nobody has begun it.
  func cancelUnbegun(_ stop: CancellationToken) {
    if isForked { return }
    let work = line.withdraw { work in
      // The submitter wrote the field before the run got in line, and nobody else has the state while it is there.
      if case .start(let run) = work { run.pointee.stop == stop.flag } else { false }
    }
    guard case .start(let run) = work else { return }
    _ = run.pointee.control.skip(.cancelled)
    run.pointee.began = monotonicNanoseconds()
    complete(run, alone: true)
  }
}
