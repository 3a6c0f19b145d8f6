internal import Synchronization

/// A place to compute. An executor has as many as workers, and no more threads compute than hold one.
///
/// The thread that holds a slot owns the slot's deque in every run and may use what users keep by `workerIndex`.
struct Slot: ~Copyable {
  private let occupied = Atomic<UInt32>(0)
  // ORDERING: the following three are relaxed: written by the holder, read by dumps that want a rough picture.
  /// The run the holder works on, or 0.
  let run = Atomic<UInt64>(0)
  /// The task the holder began last.
  let task = Atomic<UInt32>(0)
  /// How many tasks ended here, ever.
  let finished = Atomic<Int64>(0)
  /// The run the holder works on. The holder's own.
  var current: UnsafeMutablePointer<RunState>?
  /// The slot, of another executor, that the thread held when it took this one. The holder's own.
  var outer: UnsafeMutablePointer<Slot>?
  let core: UnsafeMutablePointer<ExecutorCore>
  let index: Int
  private let padding = CacheLinePadding()

  init(core: UnsafeMutablePointer<ExecutorCore>, index: Int) {
    self.core = core
    self.index = index
  }

  /// Whether somebody holds the slot.
  var isTaken: Bool {
    // ORDERING: sequentially consistent: a thread's last look before it sleeps for want of a slot (pairs with release).
    occupied.load(ordering: .sequentiallyConsistent) != 0
  }

  /// Takes the slot if it is free.
  func take() -> Bool {
    // ORDERING: acquiring: the holder goes on where the last one left off, the deques' private ends included (pairs with
    // release).
    !isTaken && occupied.exchange(1, ordering: .acquiring) == 0
  }

  /// Gives the slot back.
  func release() {
    // ORDERING: sequentially consistent: pairs with take, and comes before the look for threads that want a slot.
    occupied.store(0, ordering: .sequentiallyConsistent)
  }
}
