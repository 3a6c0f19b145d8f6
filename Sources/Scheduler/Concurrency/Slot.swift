internal import Synchronization

/// A place to compute. An executor has as many as workers, and no more threads compute than hold one.
///
/// The thread that holds a slot owns the slot's deque in every run and may use what users keep by `workerIndex`. It holds no
/// other: while it runs a graph on another executor it lends its slot.
struct Slot: ~Copyable {
  private let state = Atomic<UInt32>(Slot.free)
  // ORDERING: the following three are relaxed: written by the holder, read by dumps that want a rough picture.
  /// The run the holder works on, or 0.
  let run = Atomic<UInt64>(0)
  /// The task the holder began last.
  let task = Atomic<UInt32>(0)
  /// How many tasks ended here, ever.
  let finished = Atomic<Int64>(0)
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

  /// Whether the slot is free or lent.
  var isIdle: Bool {
    // ORDERING: sequentially consistent: the last look of a thread in line (pairs with release and lend).
    state.load(ordering: .sequentiallyConsistent) != Slot.taken
  }

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
    state.store(Slot.free, ordering: .sequentiallyConsistent)
  }

  /// Frees the slot of a thread that does not exist in this process.
  mutating func abandon() {
    current = nil
    run.store(0, ordering: .relaxed)
    state.store(Slot.free, ordering: .relaxed)
  }

  /// Leaves the slot to threads in line, but to nobody else, while the holder is busy elsewhere.
  func lend() {
    // ORDERING: sequentially consistent, as release.
    state.store(Slot.lent, ordering: .sequentiallyConsistent)
  }
}
