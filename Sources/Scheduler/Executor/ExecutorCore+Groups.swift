internal import Synchronization

/// Task groups from the point of view of the thread that leads one.
extension ExecutorCore {
  /// The identity of run states whose memory has the size of a group's. No graph has it.
  private static let groupIdentity = UInt64.max

  /// Calls a group's body and runs its tasks with whoever joins in, until all are done.
  func leadGroup(
    inside parent: RunPointer, task: UInt32, slot: UnsafeMutablePointer<Slot>, on core: CorePointer,
    _ body: (borrowing DynamicTaskGroup) throws -> Void
  ) -> RunOutcome {
    let run = lease(nil, identity: ExecutorCore.groupIdentity, on: core)
    if run.pointee.identity.load(ordering: .relaxed) != ExecutorCore.groupIdentity {
      run.pointee.memory.reserve(slots: slotCount, capacity: GroupWorker.capacity)
      run.pointee.identity.store(ExecutorCore.groupIdentity, ordering: .relaxed)
    }
    run.pointee.memory.cursorEnd = 0
    prepareInner(run, inside: parent)
    run.pointee.loop = nil
    if parent.nearestObservation != nil {
      run.pointee.observation = observation(of: run, nil, inside: parent, and: nil)
    }
    let state = GroupState(task: task)
    // SAFETY: `state` lives to the end of this function, and every task is reported by then.
    run.pointee.group = Unmanaged.passUnretained(state)
    run.pointee.remaining.store(1, ordering: .relaxed)
    let isShared = mayHaveHelp
    if isShared { open(run) }
    let outer = slot.pointee.current
    slot.pointee.current = run
    let worker = GroupWorker(run: run, slot: slot)
    do {
      try body(DynamicTaskGroup(context: worker.context(task), depth: 0))
    } catch {
      run.fail(error, task: task)
    }
    slot.pointee.current = outer
    worker.report()
    worker.runTasks(takesTurns: false)
    guard waitFor(run, slot: slot, isNested: true, on: core) else { return abandon(run) }
    if isShared { close(run) }
    let outcome = withExtendedLifetime(state) { collect(run, graph: nil, alone: !isShared) }
    endLease(run)
    return outcome
  }

  /// Whether a body may call so many others of its group on its own stack.
  func mayStack(_ depth: Int, inside run: RunPointer) -> Bool {
    run.pointee.depth + depth <= nestingLimit && ExecutorCore.stackLeft >= ExecutorCore.stackReserve
  }
}
