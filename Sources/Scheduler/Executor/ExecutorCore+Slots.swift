internal import CSchedulerShims
internal import Synchronization

/// Taking slots and giving them up: whoever has waited longest is next. See README.md, "Fair slots".
extension ExecutorCore {
  /// Takes a free slot, the preferred one if possible.
  ///
  /// - Returns: nil when all are taken.
  func takeSlot(preferring preferred: Int) -> UnsafeMutablePointer<Slot>? {
    var index = preferred
    for _ in 0..<slotCount {
      let slot = slots + index
      if slot.pointee.take() {
        tributary_set_thread_frame(slot)
        return slot
      }
      index += 1
      if index == slotCount { index = 0 }
    }
    return nil
  }

  /// Gives a slot up: to whoever is next in line, if anybody is.
  func releaseSlot(_ slot: UnsafeMutablePointer<Slot>) {
    tributary_set_thread_frame(nil)
    slot.pointee.run.store(0, ordering: .relaxed)
    if line.hasWaiters, !isForked {
      line.pass(slot)
    } else {
      slot.pointee.release()
      if isForked || line.isUnwanted { return }
      if line.hasWaiters { line.passIdle(slots, count: slotCount) }
    }
    if line.hasHelpers { wakeIdle() }
  }

  /// Whether some slot is free.
  var hasFreeSlot: Bool {
    for index in 0..<slotCount where !slots[index].isTaken { return true }
    return false
  }

  /// Takes a slot, in turn if it must wait.
  func waitForSlot(mayBorrow: Bool) -> UnsafeMutablePointer<Slot> {
    if let slot = takeSlot(preferring: 0) { return slot }
    let turn = standInLine(mayBorrow: mayBorrow) { waiter in
      line.join(waiter)
      return true
    }
    // Only pool threads are sent away without a slot.
    return turn.unsafelyUnwrapped.slot
  }

  /// Takes a slot, in turn if it must wait, to help with an open run that the calling thread waits for.
  ///
  /// - Returns: nil when the run was done before it was the thread's turn.
  func waitForSlot(toHelp run: RunPointer) -> UnsafeMutablePointer<Slot>? {
    if let slot = takeSlot(preferring: 0) { return slot }
    var waiter = SlotWaiter(.leader(run), mayBorrow: run.pointee.mayBorrow)
    return withUnsafeMutablePointer(to: &waiter) { waiter in
      line.join(waiter)
      line.passIdle(slots, count: slotCount)
      while true {
        run.pointee.owners.announce()
        // ORDERING: sequentially consistent, after announcing (pairs with SlotQueue.grant, before it notifies).
        if waiter.pointee.granted.load(ordering: .sequentiallyConsistent) != nil || run.pointee.isDone {
          _ = run.pointee.owners.cancel()
          break
        }
        run.pointee.parks.wrappingAdd(1, ordering: .relaxed)
        _ = run.pointee.owners.sleep()
      }
      let slot = line.leave(waiter)
      if let slot { tributary_set_thread_frame(slot) }
      return slot
    }
  }

  /// Sleeps in line until a slot is the calling thread's.
  ///
  /// - Parameters:
  ///   - wanted: the one slot that will do, or nil for any.
  ///   - mayBorrow: whether a lent slot will do.
  ///   - join: gets in line, and says whether it could.
  /// - Returns: nil when the thread did not get in line, or what it was in line for is done by others.
  func standInLine(
    wanting wanted: UnsafeMutablePointer<Slot>? = nil, mayBorrow: Bool = false,
    join: (UnsafeMutablePointer<SlotWaiter>) -> Bool
  ) -> SlotTurn? {
    var signal = EventCount()
    return withUnsafeMutablePointer(to: &signal) { signal in
      var waiter = SlotWaiter(.own(signal), wanted: wanted, mayBorrow: mayBorrow)
      return withUnsafeMutablePointer(to: &waiter) { waiter in
        signal.pointee.announce()
        guard join(waiter) else {
          _ = signal.pointee.cancel()
          return nil
        }
        line.passIdle(slots, count: slotCount)
        _ = signal.pointee.sleep()
        // ORDERING: relaxed: granted before the thread was notified.
        guard let slot = waiter.pointee.granted.load(ordering: .relaxed) else { return nil }
        tributary_set_thread_frame(slot)
        return SlotTurn(slot: slot, work: waiter.pointee.work)
      }
    }
  }
}

/// What a thread keeps of the slot it lends while it waits inside a body. See README.md, "Lent slots".
struct LentSlot {
  let slot: UnsafeMutablePointer<Slot>
  let run: RunPointer?
  let runID: UInt64
  let task: UInt32

  /// Lends the slot that the calling thread holds, of whatever executor, if it holds one.
  init?() {
    guard let slot = ExecutorCore.currentSlot else { return nil }
    self.slot = slot
    run = slot.pointee.current
    runID = slot.pointee.run.load(ordering: .relaxed)
    task = slot.pointee.task.load(ordering: .relaxed)
    tributary_set_thread_frame(nil)
    slot.pointee.current = nil
    slot.pointee.run.store(0, ordering: .relaxed)
    slot.pointee.lend()
    let core = slot.pointee.core
    if core.pointee.line.isUnwanted { return }
    core.pointee.line.passIdle(core.pointee.slots, count: core.pointee.slotCount)
  }

  /// Takes the slot back; waits while another thread computes in it.
  func reclaim() {
    let core = slot.pointee.core
    // In a forked child whoever has the slot does not exist.
    if core.pointee.isForked || slot.pointee.takeIdle() {
      tributary_set_thread_frame(slot)
    } else {
      _ = core.pointee.standInLine(wanting: slot) { waiter in
        core.pointee.line.join(waiter)
        return true
      }
    }
    slot.pointee.endLoan()
    slot.pointee.current = run
    slot.pointee.run.store(runID, ordering: .relaxed)
    slot.pointee.task.store(task, ordering: .relaxed)
  }
}
