internal import Synchronization

/// One run from the point of view of the thread that leads it and waits for it.
extension ExecutorCore {
  /// Runs a graph on the calling thread and whoever joins in, and returns when all is done.
  ///
  /// - Parameter held: the slot that the thread holds already, for a nested run.
  func lead(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer?, options: borrowing RunOptions,
    held: UnsafeMutablePointer<Slot>?, on core: CorePointer
  ) -> RunOutcome {
    let run = lease(graph.tables, identity: graph.identity, on: core)
    prepare(run, graph, argument: argument, options: options, parent: held?.pointee.current)
    let didOpen = tackle(run, graph, held: held, on: core)
    if didOpen { close(run) }
    let isSolo = !didOpen && graph.tables.extras?.pointee.hasSemaphores != true
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
    run.pointee.trace =
      options.trace?.begin(graph, run: run) ?? parent?.pointee.trace?.pointee.begin(graph, run: run)
    let hasObserver = options.observer != nil
    run.pointee.observation =
      hasObserver || observer != nil || parent?.nearestObservation != nil
      ? observation(of: run, graph, inside: parent, and: options.observer) : nil
    run.pointee.deadline = options.deadline.map { run.pointee.started.addingClamped($0) } ?? .max
    if isClosed { _ = run.pointee.control.skip(.shutDown) }
  }

  /// - Returns: whether the run was opened to others.
  private func tackle(
    _ run: RunPointer, _ graph: TaskGraph, held: UnsafeMutablePointer<Slot>?, on core: CorePointer
  ) -> Bool {
    guard let slot = held ?? takeSlot(preferring: 0) else {
      open(run, remaining: graph.taskCount)
      waitFor(run, slot: nil, isNested: false, on: core)
      return true
    }
    let mayShare =
      sharing == .always
      || (slotCount > 1 && sharing == .whenWorthwhile && !graph.tables.isChain && graph.taskCount > 1)
    if let extras = graph.tables.extras, extras.pointee.hasSemaphores {
      return tackleWaiting(run, graph, slot: slot, isNested: held != nil, mayShare: mayShare, on: core)
    }
    var worker = Worker(core: core, run: run, tables: graph.tables, slot: slot)
    let next = worker.runSolo(mayShare: mayShare, eager: sharing == .always || graph.isCoarse)
    guard let next else {
      slot.pointee.finished.store(
        slot.pointee.finished.load(ordering: .relaxed) &+ Int64(graph.taskCount), ordering: .relaxed)
      _ = consume worker
      if held == nil { releaseSlot(slot) }
      return false
    }
    makeWay(holding: slot)
    open(run)
    worker.wakeOthers(several: true)
    worker.runShared(first: next, since: run.pointee.started, takesTurns: false)
    _ = consume worker
    waitFor(run, slot: slot, isNested: held != nil, on: core)
    return true
  }

  /// Lets other threads in.
  func open(_ run: RunPointer, remaining: Int? = nil) {
    if let remaining { run.pointee.remaining.store(remaining, ordering: .relaxed) }
    run.pointee.gate.openGate()
    // ORDERING: sequentially consistent, after the gate: a sleeper's last look sees both or the opener sees the sleeper.
    openRuns.wrappingAdd(1, ordering: .sequentiallyConsistent)
    if remaining != nil { wakeIdle() }
  }

  /// Keeps other threads out.
  func close(_ run: RunPointer) {
    run.pointee.gate.closeGate()
    run.pointee.awaitInspections()
    // ORDERING: sequentially consistent for simplicity; a thread that still reads the old number finds a closed gate.
    openRuns.wrappingSubtract(1, ordering: .sequentiallyConsistent)
  }

  /// Helps with the run, and sleeps when it cannot, until the run is done.
  ///
  /// A nested wait keeps its slot, since the body around it may use the slot's scratch. An outermost one gives it up
  /// while it sleeps.
  func waitFor(
    _ run: RunPointer, slot: UnsafeMutablePointer<Slot>?, isNested: Bool, on core: CorePointer
  ) {
    var slot = slot
    while !run.pointee.isDone {
      if run.pointee.waiting.load(ordering: .relaxed) > 0 { settleWaiting(run) }
      if let slot { help(run, slot: slot, takesTurns: false, on: core) }
      if run.pointee.isDone { break }
      run.pointee.owners.announce()
      if let mine = slot, !isNested {
        releaseSlot(mine)
        slot = nil
      }
      let couldWork = run.pointee.hasWork
      let lacksSlot = couldWork && slot == nil && !hasFreeSlot
      // ORDERING: sequentially consistent, before the last look for a slot (pairs with releaseSlot).
      if lacksSlot { slotless.wrappingAdd(1, ordering: .sequentiallyConsistent) }
      if run.pointee.isDone || couldWork && (!lacksSlot || hasFreeSlot) {
        _ = run.pointee.owners.cancel()
      } else {
        run.pointee.parks.wrappingAdd(1, ordering: .relaxed)
        _ = run.pointee.owners.sleep(timeout: sleepLimit(run))
      }
      if lacksSlot { slotless.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
      if slot == nil, !run.pointee.isDone { slot = takeSlot(preferring: 0) }
    }
    if let slot, !isNested { releaseSlot(slot) }
  }

  /// Works on an open run for a while.
  func help(
    _ run: RunPointer, slot: UnsafeMutablePointer<Slot>, takesTurns: Bool, on core: CorePointer
  ) {
    if let tables = run.pointee.tables {
      if takesTurns { settleWaitingAsVisitor(run) }
      var worker = Worker(core: core, run: run, tables: tables, slot: slot)
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
        worker.report(worker.runChunks(), busy: monotonicNanoseconds() &- begin)
      } else {
        GroupWorker(run: run, slot: slot).runTasks(takesTurns: takesTurns)
      }
      if takesTurns { searching.wrappingAdd(1, ordering: .sequentiallyConsistent) }
    }
  }

  /// Called by whoever reports the last task of a run.
  func finish(_ run: RunPointer) {
    guard let completion = run.pointee.completion else {
      run.pointee.owners.notifyAll()
      return
    }
    run.pointee.completion = nil
    close(run)
    let outcome = collect(run, graph: nil, alone: false)
    endLease(run)
    endCall()
    completion(outcome)
  }

  /// Takes the outcome out of a run that is done.
  func collect(_ run: RunPointer, graph: TaskGraph?, alone: Bool) -> RunOutcome {
    let wall = monotonicNanoseconds() &- run.pointee.started
    let busy = alone ? wall : run.pointee.busy.load(ordering: .relaxed)
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
