internal import Synchronization

extension ExecutorCore {
  /// So many run states are made before one that served another graph is bound anew.
  private static let statesKept = 16

  /// The most run states that are made ready for one graph.
  private static let statesReserved = 4

  /// Makes run states for a graph ahead of its runs: one for each thread that may still be inside the last one's, so that a
  /// lease finds a vacant one.
  func reserve(_ graph: GraphTables, identity: UInt64, on core: CorePointer) {
    let count = min(slotCount, ExecutorCore.statesReserved)
    let leased = (0..<count).map { _ in lease(graph, identity: identity, on: core) }
    for state in leased { endLease(state) }
  }

  /// Leases a run state bound to a graph: preferably one that served it last, so that nothing is allocated or copied.
  func lease(_ graph: GraphTables?, identity: UInt64, on core: CorePointer) -> RunPointer {
    let state = claim(identity: identity) ?? claimAny(for: graph?.taskCount ?? 0) ?? addState(on: core)
    if let graph {
      if state.pointee.identity.load(ordering: .relaxed) != identity {
        giveBackIdleMemory()
        state.pointee.memory.bind(to: graph, slots: slotCount)
        state.pointee.memory.waits.bind(graph, run: state)
        state.pointee.room.store(state.pointee.memory.counterCapacity, ordering: .relaxed)
        state.pointee.identity.store(identity, ordering: .relaxed)
      }
      state.pointee.memory.cursorEnd = graph.rootCount
    }
    state.pointee.memory.rewindRings()
    state.pointee.tables = graph
    state.pointee.group = nil
    state.pointee.id = ExecutorCore.nextRunIdentity
    state.pointee.isAsynchronous = false
    state.pointee.expected = 0
    state.pointee.busy.store(0, ordering: .relaxed)
    state.pointee.steals.store(0, ordering: .relaxed)
    state.pointee.inversions.store(0, ordering: .relaxed)
    state.pointee.parks.store(0, ordering: .relaxed)
    state.pointee.conditionSkips.store(0, ordering: .relaxed)
    state.pointee.wasLeft.store(false, ordering: .relaxed)
    state.pointee.cursor.store(0, ordering: .relaxed)
    return state
  }

  /// Gives a run state back. Visitors may still be inside; it is not leased again before they have left.
  ///
  /// The control word is made ready here and not when the next lease begins: there its store could still be on its way when
  /// the run looks for a shutdown, and so undo what closeDoors asks of the run.
  func endLease(_ state: RunPointer) {
    state.pointee.control.reset()
    // ORDERING: releasing, pairs with claim.
    state.pointee.isLeased.store(false, ordering: .releasing)
  }

  /// Gives back the memory of states that no run has used for a while, so that an executor that meets ever new graphs keeps what
  /// it needs now, not the most that it ever needed. Runs of one graph over and over never come here.
  private func giveBackIdleMemory() {
    // ORDERING: relaxed; only how often somebody looks depends on it.
    let now = monotonicNanoseconds()
    let last = lastGivingBack.load(ordering: .relaxed)
    guard now - last >= idleLimit / 10,
      lastGivingBack.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
    else { return }
    forEachState { state in
      guard state.pointee.identity.load(ordering: .relaxed) != 0, take(state, nil, patience: 1) else {
        return
      }
      if now - state.pointee.started >= idleLimit {
        state.pointee.memory.deallocate()
        state.pointee.memory = RunMemory()
        state.pointee.room.store(0, ordering: .relaxed)
        state.pointee.identity.store(0, ordering: .relaxed)
      }
      endLease(state)
    }
  }

  private func claim(identity: UInt64) -> RunPointer? {
    firstState {
      $0.pointee.identity.load(ordering: .relaxed) == identity && take($0, identity, patience: 64)
    }
  }

  /// Claims a state that served another graph: the smallest with room for so many tasks, else the largest, so that no
  /// more states grow large than large graphs run at a time.
  private func claimAny(for tasks: Int) -> RunPointer? {
    // ORDERING: relaxed; a hint.
    if stateCount.load(ordering: .relaxed) < ExecutorCore.statesKept { return nil }
    var best: (state: RunPointer, room: Int)?
    forEachState { state in
      if state.pointee.isLeased.load(ordering: .relaxed) { return }
      let room = state.pointee.room.load(ordering: .relaxed)
      if let chosen = best {
        guard chosen.room < tasks ? room > chosen.room : room >= tasks && room < chosen.room else { return }
      }
      best = (state, room)
    }
    if let best, take(best.state, nil, patience: 1) { return best.state }
    return firstState { take($0, nil, patience: 1) }
  }

  /// Claims a state unless it is leased or visitors stay inside.
  private func take(_ state: RunPointer, _ identity: UInt64?, patience: Int) -> Bool {
    // ORDERING: acquiring, pairs with endLease; sequentially consistent, before prepare's look at isShutDown (pairs with
    // closeDoors).
    if state.pointee.isLeased.load(ordering: .relaxed)
      || state.pointee.isLeased.exchange(true, ordering: .sequentiallyConsistent)
    {
      return false
    }
    let isRight = identity == nil || state.pointee.identity.load(ordering: .relaxed) == identity
    for _ in 0..<(isRight ? patience : 0) {
      if state.pointee.gate.isVacant { return true }
      spinBriefly()
    }
    endLease(state)
    return false
  }

  private func addState(on core: CorePointer) -> RunPointer {
    let state = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<RunState>.stride, alignment: CacheLinePadding.alignment
    ).bindMemory(to: RunState.self, capacity: 1)
    state.initialize(to: RunState(core: core))
    state.pointee.isLeased.store(true, ordering: .relaxed)
    stateCount.wrappingAdd(1, ordering: .relaxed)
    var head = states.load(ordering: .relaxed)
    while true {
      state.pointee.next = head
      // ORDERING: releasing: the state is complete before others find it (pairs with forEachState); sequentially consistent,
      // as the exchange in take.
      let (exchanged, original) = states.compareExchange(
        expected: head, desired: state, ordering: .sequentiallyConsistent)
      if exchanged { return state }
      head = original
    }
  }
}
