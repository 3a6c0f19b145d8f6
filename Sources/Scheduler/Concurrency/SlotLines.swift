internal import Synchronization

/// Where a thread in line sleeps.
enum SlotSignal {
  /// Where nobody else wakes it.
  case own(UnsafeMutablePointer<EventCount>)
  /// Where the leader of this run sleeps.
  case leader(RunPointer)

  func notify() {
    switch self {
    case .own(let count): count.pointee.notifyOne()
    case .leader(let run): run.pointee.owners.notifyOne()
    }
  }
}

/// A thread in line for a slot, on that thread's stack.
struct SlotWaiter: ~Copyable {
  /// The slot that is now the thread's.
  let granted = Atomic<UnsafeMutablePointer<Slot>?>(nil)
  let signal: SlotSignal
  /// The one slot that the thread wants, or nil for any.
  let wanted: UnsafeMutablePointer<Slot>?
  /// Whether a thread that lent a slot may be waiting for this one: then a lent slot will do.
  let mayBorrow: Bool
  /// What a pool thread is to do with its slot.
  var work: PoolWork?
  /// When the thread got in line, compared with others.
  var ticket: UInt64 = 0

  init(_ signal: SlotSignal, wanted: UnsafeMutablePointer<Slot>? = nil, mayBorrow: Bool = false) {
    self.signal = signal
    self.wanted = wanted
    self.mayBorrow = mayBorrow
  }
}

/// A slot that a thread has been given, and what a pool thread is to do in it.
struct SlotTurn {
  let slot: UnsafeMutablePointer<Slot>
  let work: PoolWork?
}

/// The lines of a slot queue; tickets tell who came first. Waiters stay where they are until they are taken out.
struct SlotLines {
  var nextTicket: UInt64 = 0
  /// Threads that run a graph of their own.
  var callers = FIFO<UnsafeMutablePointer<SlotWaiter>>()
  /// Threads in the middle of a body that want the slot back that they lent.
  var returning = FIFO<UnsafeMutablePointer<SlotWaiter>>()
  /// Pool threads without a slot; never more than there is work.
  var servers = FIFO<UnsafeMutablePointer<SlotWaiter>>()
  var work = FIFO<(ticket: UInt64, item: PoolWork)>()

  mutating func ticket() -> UInt64 {
    nextTicket += 1
    return nextTicket
  }

  /// Takes the first work that may be done in a slot, unless a caller has waited longer for it.
  mutating func takeWork(in slot: UnsafeMutablePointer<Slot>) -> PoolWork? {
    let isLent = slot.pointee.isLent
    guard let first = work.first(where: { !isLent || $0.item.mayBorrow }) else { return nil }
    let caller = callers.first { !isLent || $0.pointee.mayBorrow }
    if let caller, caller.pointee.ticket < first.ticket { return nil }
    return work.removeFirst { $0.ticket == first.ticket }?.item
  }

  /// Whoever is to have a slot that the calling thread holds.
  mutating func next(for slot: UnsafeMutablePointer<Slot>) -> UnsafeMutablePointer<SlotWaiter>? {
    if let owner = returning.removeFirst(where: { $0.pointee.wanted == slot }) { return owner }
    if let server = servers.first, let item = takeWork(in: slot) {
      server.pointee.work = item
      return servers.popFirst()
    }
    let isLent = slot.pointee.isLent
    return callers.removeFirst { !isLent || $0.pointee.mayBorrow }
  }

  /// Whether somebody is to have a slot that is idle.
  func wants(_ slot: UnsafeMutablePointer<Slot>, _ rest: Slot.Rest) -> Bool {
    let isLent = rest == .lent
    return returning.contains { $0.pointee.wanted == slot }
      || callers.contains { !isLent || $0.pointee.mayBorrow }
      || !servers.isEmpty && work.contains { !isLent || $0.item.mayBorrow }
  }
}
