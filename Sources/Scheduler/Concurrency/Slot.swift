internal import Synchronization

/// A place to compute. An executor has as many as workers, and no more threads compute than hold one.
///
/// The thread that holds a slot owns the slot's deque in every run and may use what users keep by `workerIndex`. It holds no
/// other: while it runs a graph on another executor it lends its slot, and while it sleeps inside a body too.
struct Slot: ~Copyable {
  private let state = Atomic<UInt32>(Slot.free)
  // ORDERING: the following three are relaxed: written by the holder, read by dumps that want a rough picture.
  /// The run the holder works on, or 0.
  let run = Atomic<UInt64>(0)
  /// The task the holder began last.
  let task = Atomic<UInt32>(0)
  /// How many tasks ended here, ever.
  let finished = Atomic<Int64>(0)
  /// How many threads have lent the slot and will want it back.
  // ORDERING: relaxed: the holder's own, and passed on with the slot.
  private let lenders = Atomic<Int>(0)
  /// The run the holder works on. The holder's own.
  var current: UnsafeMutablePointer<RunState>?
  let core: UnsafeMutablePointer<ExecutorCore>
  let index: Int
  private let padding = CacheLinePadding()

  init(core: UnsafeMutablePointer<ExecutorCore>, index: Int) {
    self.core = core
    self.index = index
  }

  private static let free: UInt32 = 0
  private static let taken: UInt32 = 1
  private static let lent: UInt32 = 2

  /// Whether somebody holds the slot or has lent it.
  var isTaken: Bool {
    // ORDERING: sequentially consistent: a thread's last look before it sleeps for want of a slot (pairs with release).
    state.load(ordering: .sequentiallyConsistent) != Slot.free
  }

  /// What a slot that nobody computes in is good for.
  enum Rest {
    case free
    /// For whoever a lender may be waiting for, or a lender that is back.
    case lent
  }

  /// Whether and how the slot is idle.
  var rest: Rest? {
    // ORDERING: sequentially consistent: the last look of a thread in line (pairs with release and lend).
    switch state.load(ordering: .sequentiallyConsistent) {
    case Slot.free: .free
    case Slot.lent: .lent
    default: nil
    }
  }

  /// Whether the slot, held by the calling thread, is not its own to give to anybody.
  var isLent: Bool { lenders.load(ordering: .relaxed) > 0 }

  /// Takes the slot if it is free.
  func take() -> Bool {
    // ORDERING: acquiring: the holder goes on where the last one left off, the deques' private ends included (pairs with
    // release).
    state.load(ordering: .relaxed) == Slot.free
      && state.compareExchange(expected: Slot.free, desired: Slot.taken, ordering: .acquiring).exchanged
  }

  /// Takes the slot if it is free or lent.
  func takeIdle() -> Bool {
    var seen = state.load(ordering: .relaxed)
    while seen != Slot.taken {
      // ORDERING: acquiring, as take.
      let (exchanged, original) = state.compareExchange(
        expected: seen, desired: Slot.taken, ordering: .acquiring)
      if exchanged { return true }
      seen = original
    }
    return false
  }

  /// Gives the slot back.
  func release() {
    // ORDERING: sequentially consistent: pairs with take, and comes before the look for threads that want a slot.
    state.store(isLent ? Slot.lent : Slot.free, ordering: .sequentiallyConsistent)
  }

  /// Frees the slot of a thread that does not exist in this process.
  mutating func abandon() {
    current = nil
    lenders.store(0, ordering: .relaxed)
    run.store(0, ordering: .relaxed)
    state.store(Slot.free, ordering: .relaxed)
  }

  /// Gives the slot back, to be wanted again.
  func lend() {
    lenders.store(lenders.load(ordering: .relaxed) + 1, ordering: .relaxed)
    release()
  }

  /// Counts off a lender, which holds the slot again.
  func endLoan() {
    // A forked child forgets who lent what.
    let count = lenders.load(ordering: .relaxed)
    if count > 0 { lenders.store(count - 1, ordering: .relaxed) }
  }
}
