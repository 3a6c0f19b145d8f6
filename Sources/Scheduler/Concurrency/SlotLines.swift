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
  /// What a pool thread is to do with its slot.
  var work: PoolWork?
  /// When the thread got in line, compared with others.
  var ticket: UInt64 = 0

  init(_ signal: SlotSignal, wanted: UnsafeMutablePointer<Slot>? = nil) {
    self.signal = signal
    self.wanted = wanted
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

  /// Whether the first work has waited longer than any caller.
  var isWorkNext: Bool {
    guard let ticket = work.first?.ticket else { return false }
    return callers.first.map { ticket < $0.pointee.ticket } ?? true
  }

  /// Whoever is to have a slot that is free now.
  mutating func next(for slot: UnsafeMutablePointer<Slot>) -> UnsafeMutablePointer<SlotWaiter>? {
    if let owner = returning.removeFirst(where: { $0.pointee.wanted == slot }) { return owner }
    if isWorkNext, let server = servers.popFirst() {
      server.pointee.work = work.popFirst()?.item
      return server
    }
    return callers.popFirst()
  }

  func wants(_ slot: UnsafeMutablePointer<Slot>) -> Bool {
    !callers.isEmpty || !servers.isEmpty || returning.contains { $0.pointee.wanted == slot }
  }
}
