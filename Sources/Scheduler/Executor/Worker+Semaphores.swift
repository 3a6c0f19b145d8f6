internal import Synchronization

/// Units of semaphores, taken before a body and given back after it. See README.md, "Semaphores".
extension Worker {
  /// Takes a unit of each semaphore that a task is declared with: all or none.
  ///
  /// - Returns: false when the task waits; it may be running elsewhere by then.
  func takeUnits(_ task: UInt32, _ extras: UnsafeMutablePointer<GraphExtras>) -> Bool {
    let (begin, end) = extras.pointee.units(of: task)
    if begin == end { return true }
    let waits = run.pointee.memory.waits
    var origin = waits.origins[Int(task)]
    waits.origins[Int(task)] = WorkStealingDeque.none
    let isAlone = end - begin == 1
    var position = begin
    while position < end {
      let index = extras.pointee.unitIndices[position]
      let queue = waits.queues + Int(index)
      let isRetry = origin == index
      if queue.pointee.semaphore._withUnsafeGuaranteedRef({
        $0.take(in: queue, isRetry: isRetry, isAlone: isAlone)
      }) {
        if isRetry { origin = WorkStealingDeque.none }
        position += 1
        continue
      }
      giveUnits(begin, position, extras)
      if origin != WorkStealingDeque.none, !isRetry {
        giveUp(waits.queues + Int(origin))
        origin = WorkStealingDeque.none
      }
      if queue.pointee.semaphore._withUnsafeGuaranteedRef({
        $0.wait(task, in: queue, isRetry: isRetry, isAlone: isAlone)
      }) {
        core.pointee.announceWaiting(run)
        return false
      }
      position = begin
    }
    return true
  }

  /// Gives the units of a task back whose body has ended.
  func giveUnits(_ task: UInt32, _ extras: UnsafeMutablePointer<GraphExtras>) {
    let (begin, end) = extras.pointee.units(of: task)
    giveUnits(begin, end, extras)
  }

  private func giveUnits(_ begin: Int, _ end: Int, _ extras: UnsafeMutablePointer<GraphExtras>) {
    for position in begin..<end {
      let queue = run.pointee.memory.waits.queues + Int(extras.pointee.unitIndices[position])
      queue.pointee.semaphore._withUnsafeGuaranteedRef { $0.give() }
    }
  }

  /// Says, for a task that is skipped, that it does not try for units any more if it did.
  func forgoUnits(_ task: UInt32) {
    let waits = run.pointee.memory.waits
    let origin = waits.origins[Int(task)]
    if origin == WorkStealingDeque.none { return }
    waits.origins[Int(task)] = WorkStealingDeque.none
    giveUp(waits.queues + Int(origin))
  }

  private func giveUp(_ queue: UnsafeMutablePointer<WaitQueue>) {
    queue.pointee.semaphore._withUnsafeGuaranteedRef { $0.giveUp(in: queue) }
  }

  /// Takes all injected tasks, keeps the first and pushes the rest.
  func takeInjected() -> UInt32 {
    // ORDERING: relaxed; a hint.
    if run.pointee.injected.load(ordering: .relaxed) == WorkStealingDeque.none {
      return WorkStealingDeque.none
    }
    // ORDERING: acquiring: the links, and what the tasks' predecessors wrote (pairs with inject).
    let first = run.pointee.injected.exchange(WorkStealingDeque.none, ordering: .acquiring)
    if first == WorkStealingDeque.none { return first }
    let links = run.pointee.memory.waits.links
    let floor = deque.privateBottom
    var bottom = floor
    var task = links[Int(first)]
    while task != WorkStealingDeque.none {
      deque.privatePush(task, at: bottom)
      bottom &+= 1
      task = links[Int(task)]
    }
    if bottom > floor {
      deque.publish(bottom: bottom)
      wakeOthers(several: bottom &- floor > 1)
    }
    return first
  }
}

extension UnsafeMutablePointer where Pointee == RunState {
  /// Hands a task that waited to whoever works on its run next. The semaphore's lock must be held: the task cannot be done
  /// with, hence the run not over, before its worker has had that lock.
  func inject(_ task: UInt32) {
    let link = pointee.memory.waits.links + Int(task)
    var head = pointee.injected.load(ordering: .relaxed)
    while true {
      link.pointee = head
      // ORDERING: sequentially consistent: releases the link and the predecessors' writes, which came here with the semaphore's
      // lock (pairs with takeInjected), before the look for sleepers (pairs with hasWork).
      let (isDone, found) = pointee.injected.compareExchange(
        expected: head, desired: task, ordering: .sequentiallyConsistent)
      if isDone { break }
      head = found
    }
    pointee.core.pointee.announceWaiting(self)
  }
}
