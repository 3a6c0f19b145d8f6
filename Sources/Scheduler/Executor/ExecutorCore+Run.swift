internal import Synchronization

/// One run from the point of view of the thread that leads it and waits for it.
extension ExecutorCore {
  /// Runs a graph on the calling thread and whoever joins in, and returns when all is done.
  ///
  /// - Parameters:
  ///   - held: the slot that the thread holds already, for a nested run.
  ///   - mayBorrow: whether a thread that lent a slot may be waiting for the run.
  func lead(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer?, options: borrowing RunOptions,
    held: UnsafeMutablePointer<Slot>?, mayBorrow: Bool = false, on core: CorePointer
  ) -> RunOutcome {
    let run = lease(graph.tables, identity: graph.identity, on: core)
    prepare(run, graph, argument: argument, options: options, parent: held?.pointee.current)
    run.pointee.mayBorrow = mayBorrow
    let course = tackle(run, graph, held: held, on: core)
    if course == .abandoned { return abandon(run) }
    if course == .shared { close(run) }
    let isSolo = course == .alone && graph.tables.extras?.pointee.hasSemaphores != true
    let outcome = collect(run, graph: graph, alone: isSolo)
    endLease(run)
    return outcome
  }

  /// Sets up everything of a leased run that its options say.
  func prepare(
    _ run: RunPointer, _ graph: TaskGraph, argument: UnsafeMutableRawPointer?, options: borrowing RunOptions,
    parent: RunPointer?
  ) {
    run.pointee.criticalPathSeconds = graph.criticalPath.seconds
    run.pointee.argument = argument
    run.pointee.parent = parent
    run.pointee.depth = parent.map { $0.pointee.depth + 1 } ?? 0
    run.pointee.loop = nil
    run.pointee.token = options.cancellation?.flag
    run.pointee.stop = nil
    run.pointee.started = monotonicNanoseconds()
    run.pointee.began = run.pointee.started
    run.pointee.expected = graph.learned.load(ordering: .relaxed)
    run.pointee.trace =
      options.trace?.begin(graph, run: run) ?? parent?.pointee.trace?.pointee.begin(graph, run: run)
    let hasObserver = options.observer != nil
    run.pointee.observation =
      hasObserver || observer != nil || parent?.nearestObservation != nil
      ? observation(of: run, graph, inside: parent, and: options.observer) : nil
    run.pointee.deadline = options.deadline.map { run.pointee.started.addingClamped($0) } ?? .max
    if isClosed { _ = run.pointee.control.skip(refusal) }
  }

  /// How a run came to its end.
  enum Course {
    case alone
    case shared
    /// Not at all: the threads that had some of its tasks do not exist in this process.
    case abandoned
  }

  private func tackle(
    _ run: RunPointer, _ graph: TaskGraph, held: UnsafeMutablePointer<Slot>?, on core: CorePointer
  ) -> Course {
    let slot: UnsafeMutablePointer<Slot>
    if let free = held ?? takeSlot(preferring: 0) {
      slot = free
    } else {
      slot = waitForSlot(mayBorrow: run.pointee.mayBorrow)
      run.pointee.began = monotonicNanoseconds()
    }
    let mayShare = mayShare(graph)
    if let extras = graph.tables.extras, extras.pointee.hasSemaphores {
      return tackleWaiting(run, graph, slot: slot, isNested: held != nil, mayShare: mayShare, on: core)
    }
    var worker = Worker(core: core, run: run, tables: graph.tables, slot: slot)
    if held == nil, sharing != .never { worker.role = .caller }
    let next = worker.runSolo(mayShare: mayShare, eager: sharing == .always || graph.isCoarse)
    guard let next else {
      slot.pointee.finished.store(
        slot.pointee.finished.load(ordering: .relaxed) &+ Int64(graph.taskCount), ordering: .relaxed)
      _ = consume worker
      if held == nil { releaseSlot(slot) }
      return .alone
    }
    makeWay(holding: slot)
    open(run)
    worker.wakeOthers(several: true)
    worker.runShared(first: next, since: run.pointee.began, takesTurns: false)
    _ = consume worker
    return waitFor(run, slot: slot, isNested: held != nil, on: core) ? .shared : .abandoned
  }

  /// Whether a run of a graph may be opened for the sake of others' help.
  func mayShare(_ graph: TaskGraph) -> Bool {
    sharing == .always || (mayHaveHelp && !graph.tables.isChain && graph.taskCount > 1)
  }

  /// Whether anything may be opened for the sake of others' help.
  var mayHaveHelp: Bool { sharing == .always || (slotCount > 1 && sharing == .whenWorthwhile) }

  /// Lets other threads in.
  func open(_ run: RunPointer) {
    run.pointee.gate.openGate()
    // ORDERING: sequentially consistent, after the gate: a sleeper's last look sees both or the opener sees the sleeper.
    openRuns.wrappingAdd(1, ordering: .sequentiallyConsistent)
  }

  /// Keeps other threads out.
  func close(_ run: RunPointer) {
    run.pointee.gate.closeGate()
    run.pointee.awaitInspections()
    // ORDERING: sequentially consistent for simplicity; a thread that still reads the old number finds a closed gate.
    openRuns.wrappingSubtract(1, ordering: .sequentiallyConsistent)
  }

  /// Sleeps until the run is done, and helps whenever it can. The thread has just left the run.
  ///
  /// While it sleeps, an outermost wait gives its slot up. A nested one keeps it, since the body around it may hold what
  /// others' bodies want, but lends it to those that it may be waiting for itself.
  ///
  /// - Returns: false in a forked child that does not have the threads that the run needs.
  func waitFor(
    _ run: RunPointer, slot: UnsafeMutablePointer<Slot>?, isNested: Bool, on core: CorePointer
  ) -> Bool {
    var slot = slot
    while !run.pointee.isDone, !isForked {
      if run.pointee.waiting.load(ordering: .relaxed) > 0 { settleWaiting(run) }
      run.pointee.owners.announce()
      if let mine = slot, !isNested {
        releaseSlot(mine)
        slot = nil
      }
      if run.pointee.isDone || run.pointee.hasWork {
        _ = run.pointee.owners.cancel()
      } else {
        run.pointee.parks.wrappingAdd(1, ordering: .relaxed)
        let lent = isNested ? LentSlot() : nil
        _ = run.pointee.owners.sleep(timeout: sleepLimit(run))
        lent?.reclaim()
      }
      if slot == nil, run.pointee.hasWork { slot = waitForSlot(toHelp: run) }
      if let slot { help(run, slot: slot, as: isNested ? .nested : .caller, on: core) }
    }
    if let slot, !isNested { releaseSlot(slot) }
    return run.pointee.isDone
  }

  /// The outcome of a run that cannot end in this process. Its state is never used again.
  func abandon(_ run: RunPointer) -> RunOutcome {
    var outcome = collect(run, graph: nil, alone: false)
    outcome.failure = .forked
    return outcome
  }

  /// Works on an open run for a while.
  func help(
    _ run: RunPointer, slot: UnsafeMutablePointer<Slot>, as role: Worker.Role, on core: CorePointer
  ) {
    let takesTurns = role == .helper
    if let tables = run.pointee.tables {
      if takesTurns { settleWaitingAsVisitor(run) }
      var worker = Worker(core: core, run: run, tables: tables, slot: slot)
      worker.role = role
      worker.isSearching = takesTurns
      worker.runShared(first: WorkStealingDeque.none, since: nil, takesTurns: takesTurns)
    } else {
      guard run.pointee.hasWork else { return }
      // ORDERING: sequentially consistent, like every access to this count (see README.md, "Parking").
      if takesTurns {
        let left = searching.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
        if left == 0 { passOn(run) }
      }
      if let loop = run.pointee.loop {
        let worker = LoopWorker(core: core, run: run, loop: loop, slot: slot)
        let begin = monotonicNanoseconds()
        worker.report(worker.runChunks(yielding: takesTurns), busy: monotonicNanoseconds() &- begin)
      } else {
        GroupWorker(run: run, slot: slot).runTasks(takesTurns: takesTurns)
      }
      if takesTurns { searching.wrappingAdd(1, ordering: .sequentiallyConsistent) }
    }
  }

  /// Called by whoever reports the last task of a run.
  func finish(_ run: RunPointer) {
    guard run.pointee.isAsynchronous else {
      run.pointee.owners.notifyAll()
      return
    }
    close(run)
    complete(run, alone: false)
  }

  /// Takes the outcome out of a run that is done.
  func collect(_ run: RunPointer, graph: TaskGraph?, alone: Bool) -> RunOutcome {
    let now = monotonicNanoseconds()
    let wall = now &- run.pointee.started
    let busy = alone ? now &- run.pointee.began : run.pointee.busy.load(ordering: .relaxed)
    let tables = run.pointee.tables
    let failure = run.pointee.control.outcome
    if failure == nil { graph?.learn(busy) }
    let report = RunReport(
      wallSeconds: Double(wall) * 1e-9, busySeconds: Double(busy) * 1e-9, tasksRun: tables?.taskCount ?? 0,
      tasksSkipped: run.pointee.conditionSkips.load(ordering: .relaxed),
      steals: run.pointee.steals.load(ordering: .relaxed),
      priorityInversions: run.pointee.inversions.load(ordering: .relaxed),
      parks: run.pointee.parks.load(ordering: .relaxed),
      criticalPathSeconds: run.pointee.criticalPathSeconds, workers: slotCount)
    run.endObservation(report, failure?.code)
    run.pointee.trace?.pointee.end(run: run.pointee.id, report)
    guard failure != nil else {
      return RunOutcome(report: report, failure: nil, isCommitted: false, failedTask: 0, error: nil)
    }
    let error = run.pointee.error
    run.pointee.error = nil
    return RunOutcome(
      report: report, failure: failure, isCommitted: run.pointee.control.isCommitted,
      failedTask: run.pointee.failedTask, error: error)
  }
}
