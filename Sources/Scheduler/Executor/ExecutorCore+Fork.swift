internal import Synchronization

/// What becomes of an executor in a forked child. See README.md, "Fork".
extension ExecutorCore {
  /// Whether this is a copy, in a child, of an executor whose threads live in the parent.
  var isForked: Bool { forked.load(ordering: .relaxed) }

  /// Why a call is refused, or a run skipped, once the doors are closed.
  var refusal: RunControl.Reason { isForked ? .forked : .shutDown }

  /// Called in a new child by its only thread.
  ///
  /// An executor that has threads becomes one that refuses all calls and ends those that the forking thread is in. One without
  /// goes on: the callers that the child does not have are taken out of it.
  mutating func enterChild() {
    // ORDERING: relaxed throughout: there is one thread.
    if hasThreads.load(ordering: .relaxed) {
      forked.store(true, ordering: .relaxed)
      isShutDown.store(true, ordering: .relaxed)
      isStopping.store(true, ordering: .relaxed)
      calls.store(0, ordering: .relaxed)
      return
    }
    let mine = heldSlot()
    calls.store(mine == nil ? 0 : 1, ordering: .relaxed)
    for index in 0..<slotCount where slots + index != mine { slots[index].abandon() }
    line.abandon()
    var open = 0
    forEachState { run in
      guard run.pointee.gate.isOpen else { return }
      var own = mine?.pointee.current
      while let current = own, current != run { own = current.pointee.parent }
      if own == nil { run.pointee.gate.closeGate() } else { open += 1 }
    }
    openRuns.store(open, ordering: .relaxed)
  }
}
