internal import Synchronization

/// The second phase of a run: it is open, and every thread inside pops its own deque, takes roots, or steals.
extension Worker {
  /// Runs tasks until there is nothing for this thread, and for some time after that looks for more.
  ///
  /// - Parameters:
  ///   - first: a task to begin with, or `none`.
  ///   - start: when the work that is reported first began, in monotonic nanoseconds.
  ///   - takesTurns: whether the thread is counted among those looking for work when it has none.
  mutating func runShared(first: UInt32, since start: Int64?, takesTurns: Bool) {
    var next = first
    var start = start
    let turnLength = turnLength
    var turn = turnLength
    while true {
      if next == WorkStealingDeque.none { next = takeLocal() }
      if next == WorkStealingDeque.none { next = steal() }
      if next == WorkStealingDeque.none {
        next = search(takesTurns: takesTurns)
        if next == WorkStealingDeque.none { return }
      }
      foundWork()
      let begin = start ?? monotonicNanoseconds()
      start = nil
      while next != WorkStealingDeque.none {
        guard execute(next) else {
          next = takeLocal()
          continue
        }
        next = release(next)
        if next == WorkStealingDeque.none { next = takeLocal() }
        turn &-= 1
        if turn == 0 {
          turn = turnLength
          if isTurnOver() {
            if next != WorkStealingDeque.none { deque.push(next) }
            wakeOthers(several: true)
            if run.pointee.isAsynchronous { core.pointee.leave(run) }
            report(busy: monotonicNanoseconds() &- begin)
            if takesTurns { startSearching() }
            return
          }
        }
      }
      report(busy: monotonicNanoseconds() &- begin)
      if takesTurns { startSearching() }
    }
  }

  /// A task of this thread's deque, else a root that nobody took, else `none`.
  @inline(__always)
  mutating func takeLocal() -> UInt32 {
    let task = deque.pop()
    return task != WorkStealingDeque.none ? task : takeRoots()
  }

  /// Takes a few of the roots left, keeps the first and pushes the rest.
  private func takeRoots() -> UInt32 {
    let count = tables.rootCount
    // ORDERING: relaxed: the roots are constants, published with the run; only who gets which is decided here.
    let seen = run.pointee.cursor.load(ordering: .relaxed)
    if seen >= count { return tables.extras == nil ? WorkStealingDeque.none : takeInjected() }
    // One by one, hence by rank, where there are no thieves to leave some to.
    let slots = core.pointee.slotCount
    let share = slots == 1 ? 1 : max(1, min(32, (count &- seen) / (4 &* slots)))
    let first = run.pointee.cursor.wrappingAdd(share, ordering: .relaxed).oldValue
    if first >= count { return WorkStealingDeque.none }
    let end = min(first &+ share, count)
    if end &- first > 1 {
      // By falling rank from both ends: every other root towards the thieves' end, the rest towards this worker's.
      var bottom = deque.privateBottom
      var position = first &+ 1
      while position < end {
        deque.privatePush(tables.roots[position], at: bottom)
        bottom &+= 1
        position &+= 2
      }
      position = end &- 1 &- ((end &- 1 &- first) & 1)
      while position > first {
        deque.privatePush(tables.roots[position], at: bottom)
        bottom &+= 1
        position &-= 2
      }
      deque.publish(bottom: bottom)
    }
    return tables.roots[first]
  }

  /// Counts the successors of a task down. Keeps the ready one with the highest rank and shows the others to thieves, the
  /// highest of them as the first to be stolen.
  @inline(__always)
  private mutating func release(_ task: UInt32) -> UInt32 {
    let record = tables.records + Int(task)
    var position = Int(record.pointee.successorsBegin)
    let end = Int(record.pointee.successorsEnd)
    var best = WorkStealingDeque.none
    let floor = deque.privateBottom
    var bottom = floor
    var oldestRank: UInt64 = 0
    while position < end {
      let entry = tables.successors[position]
      position &+= 1
      let successor = entry & ~GraphTables.soleBit
      if entry & GraphTables.soleBit == 0 {
        // ORDERING: acquiring: one means that all other predecessors have counted down, and shows what they wrote (pairs with
        // the count-down's release, through the chain of count-downs after it).
        if counters[Int(successor)].load(ordering: .acquiring) != 1 {
          // ORDERING: releases what this task wrote, acquires what the others wrote if this is the last (pairs with
          // itself and with the load above).
          let left = counters[Int(successor)].wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
          if left != 0 { continue }
        }
      }
      if best == WorkStealingDeque.none {
        best = successor
        continue
      }
      var other = successor
      var rank = tables.rank(successor)
      let bestRank = tables.rank(best)
      if rank > bestRank {
        (other, best) = (best, successor)
        rank = bestRank
      }
      if bottom == floor {
        oldestRank = rank
      } else if rank > oldestRank {
        oldestRank = rank
        let oldest = deque.privateTask(at: floor)
        deque.privatePush(other, at: floor)
        other = oldest
      }
      deque.privatePush(other, at: bottom)
      bottom &+= 1
    }
    if bottom > floor {
      deque.publish(bottom: bottom)
      wakeOthers(several: bottom &- floor > 1)
    }
    return best
  }

  /// Wakes somebody for the tasks just shown, unless somebody is looking already.
  ///
  /// - Parameter several: whether there may be more than one task. A leader that wakes wakes nobody else, so then a pool
  ///   thread is woken beside it.
  @inline(__always)
  func wakeOthers(several: Bool) {
    // ORDERING: sequentially consistent, after the publication (pairs with a searcher's last look).
    if core.pointee.searching.load(ordering: .sequentiallyConsistent) > 0 { return }
    if run.pointee.owners.hasSleepers, run.pointee.owners.notifyOne(), !several { return }
    if core.pointee.idle.hasSleepers, run.pointee.gate.isOpen { core.pointee.wakeIdle() }
  }

  /// One round of the other slots' deques, nearest first.
  private mutating func steal() -> UInt32 {
    let others = core.pointee.slotCount &- 1
    let row = core.pointee.stealOrder + slot.pointee.index &* others
    var position = 0
    while position < others {
      let victim = run.pointee.memory.deque(Int(row[position]))
      switch victim.steal() {
      case .task(let task):
        steals &+= 1
        let next = victim.oldest
        if next != WorkStealingDeque.none, tables.rank(next) > tables.rank(task) { inversions &+= 1 }
        return task
      case .empty: position &+= 1
      case .lost: break
      }
    }
    return WorkStealingDeque.none
  }

  /// Looks for tasks until some turn up, the run is over, or the time for looking is up.
  private mutating func search(takesTurns: Bool) -> UInt32 {
    if run.pointee.isDone { return WorkStealingDeque.none }
    let limit = monotonicNanoseconds() &+ core.pointee.spin
    var pauses = 1
    repeat {
      for _ in 0..<pauses { spinBriefly() }
      pauses = min(pauses &* 2, 16)
      if run.pointee.isDone { return WorkStealingDeque.none }
      let task = takeLocal()
      if task != WorkStealingDeque.none { return task }
      let stolen = steal()
      if stolen != WorkStealingDeque.none { return stolen }
      if role != .nested, core.pointee.line.hasWaiters { break }
      if takesTurns, core.pointee.openRuns.load(ordering: .relaxed) > 1 || core.pointee.line.isShortOfServers
      {
        break
      }
    } while monotonicNanoseconds() < limit
    return WorkStealingDeque.none
  }

  /// Counts this pool thread among those looking for work.
  mutating func startSearching() {
    if isSearching { return }
    isSearching = true
    // ORDERING: sequentially consistent, like every access to this count (see README.md, "Parking").
    core.pointee.searching.wrappingAdd(1, ordering: .sequentiallyConsistent)
  }

  /// Counts it off. The last one to find something wakes another if there is more, in this run or another, so that wake-ups
  /// spread.
  private mutating func foundWork() {
    guard isSearching else { return }
    isSearching = false
    let left = core.pointee.searching.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
    if left == 0 { core.pointee.passOn(run) }
  }
}
