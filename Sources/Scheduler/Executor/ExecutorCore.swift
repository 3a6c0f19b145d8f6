internal import CSchedulerShims
internal import Synchronization

/// What the threads of an executor share, in raw memory so that no access counts references.
///
/// Freed when the executor and all its threads have let go of it.
struct ExecutorCore: ~Copyable {
  let slotCount: Int
  let slots: UnsafeMutablePointer<Slot>
  /// For each slot the others, nearest first: `slotCount - 1` numbers a row.
  let stealOrder: UnsafeMutablePointer<Int32>
  let sharing: GraphExecutor.Sharing
  let floatEnvironment: UInt64
  /// How long a thread looks for work before it sleeps, in nanoseconds.
  let spin: Int64
  /// How deep runs, loops and task groups may be nested. Constant once threads run.
  var nestingLimit = 0
  /// How long, in nanoseconds, a run state that serves no run keeps its memory at least. Constant once threads run.
  var idleLimit: Int64 = 1_000_000_000
  /// The CPU of slot 0, and a bitmap of those that pool threads are pinned to; nil where none is. Constant once threads run.
  var callerCPU: Int32 = 0
  var pinnedCPUs: UnsafeBufferPointer<UInt64>?
  /// Constant once threads run.
  var observer: (any TaskObserver)?

  // ORDERING: relaxed; only being different matters.
  private static let runIdentities = Atomic<UInt64>(0)
  /// A number that no other run of the process has.
  static var nextRunIdentity: UInt64 { runIdentities.wrappingAdd(1, ordering: .relaxed).newValue }

  /// The newest run state; each knows the next older one.
  let states = Atomic<RunPointer?>(nil)
  let stateCount = Atomic<Int>(0)
  /// When idle run states were last looked for, in monotonic nanoseconds.
  let lastGivingBack = Atomic<Int64>(0)
  private let gap0 = CacheLinePadding()
  let isShutDown = Atomic<Bool>(false)
  /// Whether pool threads are to end.
  let isStopping = Atomic<Bool>(false)
  /// Whether a thread of the executor's own was ever started, or is being started.
  let hasThreads = Atomic<Bool>(false)
  let forked = Atomic<Bool>(false)
  /// Calls of `run` that have not returned.
  let calls = Atomic<Int>(0)
  let references: Atomic<Int>
  let threadsUp = Atomic<Int>(0)
  /// Where `shutdown` waits for the last call.
  let drained = EventCount()
  /// Where whoever starts threads waits for the last one's start: a place of its own, since those who wait at one place must
  /// wait for the same.
  let started = EventCount()
  /// How many runs are open to visitors.
  let openRuns = Atomic<Int>(0)
  private let gap2 = CacheLinePadding()
  /// Pool threads that look for work, those being woken included.
  let searching = Atomic<Int>(0)
  private let gap3 = CacheLinePadding()
  /// Where pool threads sleep.
  let idle = EventCount()
  /// Who waits for a slot.
  var line = SlotQueue()
  /// Whether a pool thread watches over tasks that wait for semaphores.
  let isWatched = Atomic<Bool>(false)

  init(
    slots: UnsafeMutablePointer<Slot>, count: Int, stealOrder: [[Int]], sharing: GraphExecutor.Sharing,
    floatEnvironment: UInt64, spin: Int64
  ) {
    self.slots = slots
    slotCount = count
    self.sharing = sharing
    self.floatEnvironment = floatEnvironment
    self.spin = spin
    self.stealOrder = .allocate(capacity: max(1, count * (count - 1)))
    var position = 0
    for row in stealOrder {
      for victim in row {
        (self.stealOrder + position).initialize(to: Int32(victim))
        position += 1
      }
    }
    references = Atomic(1)
  }

  deinit {
    // ORDERING: acquiring, as in firstState; nobody else is left.
    stealOrder.deallocate()
    pinnedCPUs?.deallocate()
    slots.deinitialize(count: slotCount)
    slots.deallocate()
    var state = states.load(ordering: .acquiring)
    while let current = state {
      state = current.pointee.next
      current.pointee.memory.deallocate()
      current.deinitialize(count: 1)
      current.deallocate()
    }
  }

  /// Whether `shutdown` was called.
  // ORDERING: sequentially consistent, against `calls`: a call either sees the shutdown or is waited for.
  var isClosed: Bool { isShutDown.load(ordering: .sequentiallyConsistent) }
}

extension ExecutorCore {
  /// The newest run state that satisfies a condition.
  func firstState(where condition: (RunPointer) -> Bool) -> RunPointer? {
    // ORDERING: acquiring: a state is set up before it is linked (pairs with addState); sequentially consistent for closeDoors.
    var state = states.load(ordering: .sequentiallyConsistent)
    while let current = state {
      if condition(current) { return current }
      state = current.pointee.next
    }
    return nil
  }

  /// Calls a function with every run state there is.
  func forEachState(_ body: (RunPointer) -> Void) {
    _ = firstState {
      body($0)
      return false
    }
  }

  /// Wakes one sleeping pool thread unless some thread is already looking for work. See README.md, "Parking".
  ///
  /// - Returns: whether it woke one or one is looking; false when none sleeps.
  @discardableResult
  func wakeIdle() -> Bool {
    while idle.hasSleepers {
      // ORDERING: sequentially consistent: a searcher counts itself off before its last look for work, so that either this
      // sees no searcher or the searcher sees the work.
      guard
        searching.compareExchange(expected: 0, desired: 1, ordering: .sequentiallyConsistent).exchanged
      else { return true }
      if idle.notifyOne() { return true }
      searching.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }
    return false
  }

  /// Called by the last searcher once it has found something in a run and is counted off: publishers of any run relied on
  /// it, so where there is more it wakes somebody in its place.
  func passOn(_ run: RunPointer) {
    wake(for: run)
    // ORDERING: sequentially consistent, after the searcher counted itself off (pairs with open, then a look at searching).
    if openRuns.load(ordering: .sequentiallyConsistent) < 2 { return }
    forEachState { other in
      guard other != run, other.pointee.gate.isOpen, other.pointee.gate.enter() else { return }
      wake(for: other)
      other.pointee.gate.leave()
    }
  }

  /// Wakes a pool thread, or else the run's leader, if the run has work. The caller is inside the run.
  private func wake(for run: RunPointer) {
    guard idle.hasSleepers || run.pointee.owners.hasSleepers, run.pointee.hasWork else { return }
    if !wakeIdle() { run.pointee.owners.notifyOne() }
  }
}
