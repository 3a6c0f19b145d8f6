internal import Synchronization

/// Who wants a slot, first come, first served: threads, and work that waits for a pool thread.
///
/// A slot is handed to whoever has waited longest and never put up for grabs, so that a client that runs graphs back to back
/// cannot overtake one that waits. See README.md, "Fair slots".
struct SlotQueue: ~Copyable {
  /// Low half: threads in line. High half: pool threads asleep that would help with an open run if there were a slot.
  private let wanting = Atomic<UInt64>(0)
  /// Pieces of work for which no pool thread stands in line.
  private let unserved = Atomic<Int>(0)
  private let padding = CacheLinePadding()
  private let lock = Lock()
  // SAFETY: used under the lock only.
  private let lines: UnsafeMutablePointer<SlotLines>

  private static let helper: UInt64 = 1 << 32

  init() {
    lines = .allocate(capacity: 1)
    lines.initialize(to: SlotLines())
  }

  deinit {
    lines.deinitialize(count: 1)
    lines.deallocate()
  }

  private func withLines<Result>(_ body: (inout SlotLines) -> Result) -> Result {
    lock.locked { body(&lines.pointee) }
  }

  /// Whether a thread is in line: a hint, for whoever might give its slot up.
  @inline(__always)
  var hasWaiters: Bool { wanting.load(ordering: .relaxed) & (SlotQueue.helper - 1) != 0 }

  /// Whether nobody wants a slot.
  @inline(__always)
  var isUnwanted: Bool {
    // ORDERING: sequentially consistent, after a slot was put down (pairs with join, serve and addHelper, each before a last
    // look for a slot).
    wanting.load(ordering: .sequentiallyConsistent) == 0
  }

  /// Whether some work has no pool thread in line.
  @inline(__always)
  var isShortOfServers: Bool {
    // ORDERING: sequentially consistent, as part of a pool thread's last look before it sleeps (pairs with add, before the
    // look for sleepers).
    unserved.load(ordering: .sequentiallyConsistent) > 0
  }

  /// Empties a copy in a forked child: the threads in line do not exist there, and one may have had the lock.
  mutating func abandon() {
    // What the old value owns is not freed, since it may be half changed.
    withUnsafeMutablePointer(to: &self) { $0.initialize(to: SlotQueue()) }
  }

  /// Puts a thread in line that wants any slot, or its own. Its signal must be announced; `passIdle` must follow.
  func join(_ waiter: UnsafeMutablePointer<SlotWaiter>) {
    withLines { lines in
      waiter.pointee.ticket = lines.ticket()
      if waiter.pointee.wanted == nil {
        lines.callers.append(waiter)
      } else {
        lines.returning.append(waiter)
      }
      countIn()
    }
  }

  /// Takes a thread that wants any slot out of the line.
  ///
  /// - Returns: the slot that it was given in the meantime.
  func leave(_ waiter: UnsafeMutablePointer<SlotWaiter>) -> UnsafeMutablePointer<Slot>? {
    withLines { lines in
      if lines.callers.removeFirst(where: { $0 == waiter }) != nil { countOut() }
    }
    // ORDERING: relaxed: granted under the lock.
    return waiter.pointee.granted.load(ordering: .relaxed)
  }

  /// Hands a slot that the calling thread holds to whoever is next, or puts it down.
  func pass(_ slot: UnsafeMutablePointer<Slot>) {
    let signal = withLines { lines -> SlotSignal? in
      if let waiter = lines.next(for: slot) { return grant(slot, to: waiter) }
      slot.pointee.release()
      return nil
    }
    signal?.notify()
  }

  /// Hands idle slots to those in line: after somebody got in line or put a slot down.
  func passIdle(_ slots: UnsafeMutablePointer<Slot>, count: Int) {
    for index in 0..<count {
      let slot = slots + index
      guard slot.pointee.rest != nil else { continue }
      let signal = withLines { lines -> SlotSignal? in
        guard let rest = slot.pointee.rest, lines.wants(slot, rest), slot.pointee.takeIdle() else {
          return nil
        }
        if let waiter = lines.next(for: slot) { return grant(slot, to: waiter) }
        // It was lent meanwhile.
        slot.pointee.release()
        return nil
      }
      signal?.notify()
    }
  }

  private func grant(
    _ slot: UnsafeMutablePointer<Slot>?, to waiter: UnsafeMutablePointer<SlotWaiter>
  ) -> SlotSignal {
    let signal = waiter.pointee.signal
    countOut()
    // ORDERING: sequentially consistent, before the look for the sleeper (pairs with a leader's last look). From here on the
    // waiter may be gone.
    waiter.pointee.granted.store(slot, ordering: .sequentiallyConsistent)
    return signal
  }

  private func countIn() {
    // ORDERING: sequentially consistent, before the last look for an idle slot (pairs with isUnwanted).
    wanting.wrappingAdd(1, ordering: .sequentiallyConsistent)
  }

  private func countOut() { wanting.wrappingSubtract(1, ordering: .relaxed) }
}

/// Pool threads that sleep for want of a slot to help with.
extension SlotQueue {
  /// Whether there are any.
  var hasHelpers: Bool {
    // ORDERING: sequentially consistent, after a slot was put down (pairs with addHelper).
    wanting.load(ordering: .sequentiallyConsistent) >= SlotQueue.helper
  }

  /// Counts one in. It must look for a slot once more before it sleeps.
  func addHelper() {
    // ORDERING: sequentially consistent, before the last look for a slot (pairs with isUnwanted and hasHelpers).
    wanting.wrappingAdd(SlotQueue.helper, ordering: .sequentiallyConsistent)
  }

  func removeHelper() { wanting.wrappingSubtract(SlotQueue.helper, ordering: .relaxed) }
}

/// Work for pool threads.
extension SlotQueue {
  /// What a pool thread does next with the slot that it holds.
  enum Next {
    case work(PoolWork)
    /// The slot belongs to another thread now; this one is in line again if there is work left.
    case passedOn(isInLine: Bool)
    /// Nobody wants the slot; the thread still holds it.
    case nothing
  }

  /// Adds work to the end of the line; the rest of a run only if it is not there.
  ///
  /// - Returns: whether a pool thread must be woken for it.
  func add(_ item: PoolWork) -> Bool {
    withLines { lines in
      if case .goOn(let run) = item, lines.work.contains({ $0.item.isRest(of: run) }) { return false }
      lines.work.append((lines.ticket(), item))
      // ORDERING: sequentially consistent, before the look for sleepers (pairs with isShortOfServers).
      unserved.wrappingAdd(1, ordering: .sequentiallyConsistent)
      return true
    }
  }

  /// Takes the first work that satisfies a condition out of the line.
  func withdraw(where condition: (PoolWork) -> Bool) -> PoolWork? {
    var found: PoolWork?
    let dismissed = withLines { lines -> SlotSignal? in
      found = lines.work.removeFirst { condition($0.item) }?.item
      return found == nil ? nil : tookWork(&lines)
    }
    dismissed?.notify()
    return found
  }

  /// What comes next for a pool thread with a slot: work, unless a thread has waited longer, which then gets the slot. The
  /// pool thread gets in line at once, lest the callers behind the work overtake it; its signal must be announced.
  func next(with slot: UnsafeMutablePointer<Slot>, _ waiter: UnsafeMutablePointer<SlotWaiter>) -> Next {
    var next = Next.nothing
    let signal = withLines { lines -> SlotSignal? in
      let isClaimed = lines.returning.contains { $0.pointee.wanted == slot }
      if !isClaimed, let work = lines.takeWork(in: slot) {
        next = .work(work)
        return tookWork(&lines)
      }
      guard let first = lines.next(for: slot) else { return nil }
      next = .passedOn(isInLine: joinServers(waiter, &lines))
      return grant(slot, to: first)
    }
    signal?.notify()
    return next
  }

  /// Puts a pool thread in line for work and a slot, if there is work for it. Its signal must be announced; `passIdle` must
  /// follow.
  ///
  /// - Returns: whether it is in line; then it will be woken, with both or, when the work is gone, with neither.
  func serve(_ waiter: UnsafeMutablePointer<SlotWaiter>) -> Bool {
    withLines { joinServers(waiter, &$0) }
  }

  private func joinServers(_ waiter: UnsafeMutablePointer<SlotWaiter>, _ lines: inout SlotLines) -> Bool {
    guard lines.work.count > lines.servers.count else { return false }
    lines.servers.append(waiter)
    unserved.wrappingSubtract(1, ordering: .relaxed)
    countIn()
    return true
  }

  /// Keeps the counts after work was taken by somebody who was not in line: there may be a server too many.
  private func tookWork(_ lines: inout SlotLines) -> SlotSignal? {
    if lines.servers.count > lines.work.count, let server = lines.servers.popFirst() {
      return grant(nil, to: server)
    }
    unserved.wrappingSubtract(1, ordering: .relaxed)
    return nil
  }

  /// How many threads are in line, at about this moment.
  var threadCount: Int { Int(wanting.load(ordering: .relaxed) & (SlotQueue.helper - 1)) }

  /// How many pieces of work have no pool thread in line, at about this moment.
  var unservedCount: Int { unserved.load(ordering: .relaxed) }
}
