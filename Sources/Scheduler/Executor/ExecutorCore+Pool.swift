internal import CSchedulerShims
internal import Synchronization

/// What a pool thread does from its start to its end.
extension ExecutorCore {
  /// Looks for open runs, works on them in turn, and sleeps when there are none.
  ///
  /// - Parameter preferred: the slot the thread takes if it is free.
  func serve(preferring preferred: Int, on core: CorePointer) {
    // ORDERING: sequentially consistent, like every access to this count (see README.md, "Parking").
    searching.wrappingAdd(1, ordering: .sequentiallyConsistent)
    var idleSince = monotonicNanoseconds()
    while !isEnding {
      // ORDERING: relaxed; a hint.
      if openRuns.load(ordering: .relaxed) > 0, let slot = takeSlot(preferring: preferred) {
        let didWork = visitRuns(slot, on: core)
        releaseSlot(slot)
        if didWork {
          idleSince = monotonicNanoseconds()
          continue
        }
      }
      if monotonicNanoseconds() &- idleSince < spin {
        for _ in 0..<8 { spinBriefly() }
      } else {
        sleepUntilNotified()
        idleSince = monotonicNanoseconds()
      }
    }
  }

  /// Visits every open run once.
  ///
  /// - Returns: whether any task was done.
  private func visitRuns(_ slot: UnsafeMutablePointer<Slot>, on core: CorePointer) -> Bool {
    setFloatEnvironment()
    let before = slot.pointee.finished.load(ordering: .relaxed)
    forEachState { run in
      guard run.pointee.gate.isOpen, run.pointee.gate.enter() else { return }
      help(run, slot: slot, takesTurns: true, on: core)
      run.pointee.gate.leave()
    }
    return slot.pointee.finished.load(ordering: .relaxed) != before
  }

  /// Sleeps unless a last look finds something to do. The thread is counted as searching before and after.
  private func sleepUntilNotified() {
    // ORDERING: all sequentially consistent: announced, then counted off, then the last look (pairs with a publisher's look at
    // searching, then at the sleepers); slotless before the second look (pairs with releaseSlot).
    idle.announce()
    searching.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    var look = lastLook()
    let lacksSlot = look == .noSlot
    if lacksSlot {
      slotless.wrappingAdd(1, ordering: .sequentiallyConsistent)
      look = lastLook()
    }
    if look == .work {
      // Whoever posted a token counted its receiver as searching already.
      if !idle.cancel() { searching.wrappingAdd(1, ordering: .sequentiallyConsistent) }
    } else {
      sleepIdle()
    }
    if lacksSlot { slotless.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
  }

  private enum Look {
    case work, noSlot, nothing
  }

  /// Whether there is something to do, or would be if a slot were free.
  private func lastLook() -> Look {
    // ORDERING: sequentially consistent, as part of the last look (pairs with open and stopThreads).
    if isEnding { return .work }
    if openRuns.load(ordering: .sequentiallyConsistent) == 0 { return .nothing }
    let working = firstState { run in
      guard run.pointee.gate.isOpen, run.pointee.gate.enter() else { return false }
      let hasWork = run.pointee.hasWork
      run.pointee.gate.leave()
      return hasWork
    }
    return working == nil ? .nothing : hasFreeSlot ? .work : .noSlot
  }

  /// Gives the calling thread the executor's floating-point environment.
  ///
  /// - Returns: the environment it had.
  @discardableResult
  func setFloatEnvironment() -> UInt64 {
    let old = tributary_float_environment()
    if old != floatEnvironment { tributary_set_float_environment(floatEnvironment) }
    return old
  }
}
