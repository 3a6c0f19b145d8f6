internal import Synchronization

typealias RunPointer = UnsafeMutablePointer<RunState>
typealias CorePointer = UnsafeMutablePointer<ExecutorCore>

/// Everything that changes while a graph or a parallel loop runs: counters, deques, outcome.
///
/// Run states are leased from the executor's list, bound to a graph's sizes, and used again and again; they are freed
/// with the executor only. See README.md, "Run states".
struct RunState: ~Copyable {
  let core: CorePointer
  /// The next state of the executor's list; constant once linked.
  var next: RunPointer?

  // Set by the leaseholder while the gate is closed and nobody is inside; constant while it is open.
  var memory = RunMemory()
  var tables: GraphTables?
  var loop: LoopRange?
  // SAFETY: set and kept by the group's leader.
  var group: Unmanaged<GroupState>?
  var id: UInt64 = 0
  var argument: UnsafeMutableRawPointer?
  var token: UnsafeMutablePointer<Atomic<Bool>>?
  /// Set when the Swift task that waits for an asynchronous run is cancelled.
  var stop: UnsafeMutablePointer<Atomic<Bool>>?
  /// Monotonic nanoseconds, or `Int64.max`.
  var deadline = Int64.max
  var parent: RunPointer?
  /// How many runs, loops and groups of this executor are around this one.
  var depth = 0
  var trace: TracePointer?
  // SAFETY: retained while the run is under way; see endObservation.
  var observation: Unmanaged<RunObservation>?
  /// Called, once, by whoever ends an asynchronous run.
  var completion: (@Sendable (RunOutcome) -> Void)?
  /// Whether nobody waits in `lead` for the run; such a run is in line whenever it has been left.
  var isAsynchronous = false
  /// Whether a thread that lent a slot may be waiting for the run.
  var mayBorrow = false
  /// For asynchronous runs, whether the run may be opened, and whether at once.
  var mayShare = false
  var isEager = false
  var started: Int64 = 0
  /// When the first thread took a slot for the run.
  var began: Int64 = 0
  /// Nanoseconds that the bodies took together in earlier runs, or 0.
  var expected: Int64 = 0
  var criticalPathSeconds = 0.0

  // Written by the one thread whose failure came first; read when the run is over.
  var error: (any Error)?
  var failedTask: UInt32 = 0

  private let gap0 = CacheLinePadding()
  let gate = VisitGate()
  let isLeased = Atomic<Bool>(false)
  /// The graph whose sizes the memory has and whose counters are armed, or 0.
  // ORDERING: relaxed; read without a lease only as a hint.
  let identity = Atomic<UInt64>(0)
  /// How many tasks the memory has room for.
  // ORDERING: relaxed; read without a lease only as a hint.
  let room = Atomic<Int>(0)
  /// Threads that read the graph for a dump: the run's end waits for them, since the graph may be gone after it.
  private let inspectors = Atomic<Int>(0)
  private let gap1 = CacheLinePadding()
  let control = RunControl()
  private let gap2 = CacheLinePadding()
  /// Tasks or loop chunks not yet reported as done.
  let remaining = Atomic<Int>(0)
  // ORDERING: relaxed sums, published by `remaining` reaching zero.
  let busy = Atomic<Int64>(0)
  let steals = Atomic<Int>(0)
  let inversions = Atomic<Int>(0)
  let parks = Atomic<Int>(0)
  let conditionSkips = Atomic<Int>(0)
  /// Whether an asynchronous run was ever put back in line.
  let wasLeft = Atomic<Bool>(false)
  private let gap3 = CacheLinePadding()
  /// The first root, or loop chunk, that nobody took.
  let cursor = Atomic<Int>(0)
  /// Tasks that wait for semaphores.
  let waiting = Atomic<Int>(0)
  /// The first of the tasks that waited and are to try again, or `none`.
  let injected = Atomic<UInt32>(WorkStealingDeque.none)
  /// Ready tasks of a group that lie in no deque, less those reserved.
  let spilled = Atomic<Int>(0)
  private let gap4 = CacheLinePadding()
  /// Where the thread that waits for this run sleeps.
  let owners = EventCount()

  init(core: CorePointer) { self.core = core }

  /// Whether bodies need more than the control word: something to poll or to record.
  var isObserved: Bool {
    token != nil || stop != nil || deadline != .max || parent != nil || trace != nil || observation != nil
      || tables?.extras != nil
  }

  /// Whether every task is done and reported.
  var isDone: Bool {
    // ORDERING: sequentially consistent: acquires everything the run's tasks wrote (pairs with `report`), and is part of
    // the owner's last look before it sleeps.
    remaining.load(ordering: .sequentiallyConsistent) == 0
  }

  /// Whether an open run may have something for a thread that holds any slot.
  var hasWork: Bool {
    // ORDERING: sequentially consistent, as part of a sleeper's last look (pairs with pushes and with opening).
    if cursor.load(ordering: .sequentiallyConsistent) < memory.cursorEnd { return true }
    guard tables != nil || group != nil else { return false }
    if injected.load(ordering: .sequentiallyConsistent) != WorkStealingDeque.none { return true }
    if spilled.load(ordering: .sequentiallyConsistent) > 0 { return true }
    for slot in 0..<memory.slots where !memory.deque(slot).isEmpty { return true }
    return false
  }

  /// Keeps the run's graph in memory until `endInspection`, if the gate is still open.
  func beginInspection() -> Bool {
    // ORDERING: sequentially consistent, before the look at the gate (pairs with awaitInspections after closing it).
    inspectors.wrappingAdd(1, ordering: .sequentiallyConsistent)
    if gate.isOpen { return true }
    endInspection()
    return false
  }

  func endInspection() {
    // ORDERING: releasing: the reads come before the graph's end (pairs with awaitInspections).
    inspectors.wrappingSubtract(1, ordering: .releasing)
  }

  /// Waits, after the gate was closed, until nobody reads the graph. Dumps are rare and short.
  func awaitInspections() {
    while inspectors.load(ordering: .sequentiallyConsistent) > 0 { spinBriefly() }
  }

  /// Looks at everything that may end the run early: its token, its deadline, the runs it is nested in.
  func poll() {
    if control.skips || control.isCommitted { return }
    pollOwn()
    if parent != nil { pollParents() }
  }

  private func pollOwn() {
    if control.skips { return }
    // ORDERING: relaxed; whoever cancels publishes nothing.
    if let token, token.pointee.load(ordering: .relaxed) { _ = control.skip(.cancelled) }
    if let stop, stop.pointee.load(ordering: .relaxed) { _ = control.skip(.cancelled) }
    if deadline != .max, monotonicNanoseconds() >= deadline { _ = control.skip(.deadlineExceeded) }
  }

  /// Skips if a run around this one does, as far out as none of them is committed. A loop, since runs may be nested deep.
  private func pollParents() {
    var next = parent
    while let around = next, !around.pointee.control.isCommitted {
      around.pointee.pollOwn()
      if around.pointee.control.skips {
        _ = control.skip(around.pointee.control.outcome == .deadlineExceeded ? .deadlineExceeded : .cancelled)
        return
      }
      next = around.pointee.parent
    }
  }
}

extension UnsafeMutablePointer where Pointee == RunState {
  /// Keeps a body's error if it is the run's first.
  func fail(_ error: any Error, task: UInt32) {
    // Exactly one call gets past the guard in a run, so the two fields have one writer.
    guard pointee.control.fail() else { return }
    pointee.error = error
    pointee.failedTask = task
  }
}

/// A parallel loop: a range cut into chunks that threads take one by one.
struct LoopRange {
  let begin: Int
  let end: Int
  let grain: Int
  /// The loop's body, on the stack of the thread that waits for the loop.
  let body: UnsafeMutablePointer<LoopBody>
  /// The task that runs the loop, for traces and errors.
  let task: UInt32

  /// At least 1 for a range that is not empty.
  var chunkCount: Int { (end - begin - 1) / grain + 1 }
}

struct LoopBody: ~Copyable {
  let body: @Sendable (Range<Int>, borrowing TaskContext) throws -> Void

  @inline(__always)
  func run(_ range: Range<Int>, _ context: borrowing TaskContext) throws { try body(range, context) }
}
