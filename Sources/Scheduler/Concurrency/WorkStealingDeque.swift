internal import Synchronization

/// The two ends of a work-stealing deque, on different cache lines.
struct DequeEnds: ~Copyable {
  /// Thieves take here. Never decreases, never reset, so that a stale thief's exchange cannot succeed.
  let top = Atomic<Int64>(0)
  private let gap = CacheLinePadding()
  /// The owner pushes and pops here.
  let bottom = Atomic<Int64>(0)
  private let tail = CacheLinePadding()
}

/// A bounded work-stealing deque of task numbers after Chase and Lev (2005), with the orderings of Lê and others (2013), but
/// sequentially consistent accesses in place of their fences. See README.md, "Deque".
///
/// Trivial: a view of memory that the run state owns. One thread at a time is the owner; anybody may steal.
struct WorkStealingDeque {
  let ends: UnsafeMutablePointer<DequeEnds>
  /// A ring of `mask + 1` numbers, at least as many as the graph has tasks, so that it never overflows.
  let tasks: UnsafeMutablePointer<Atomic<UInt32>>
  let mask: Int64

  enum Steal {
    case task(UInt32)
    case empty
    /// Somebody else was faster; there may be more.
    case lost
  }

  /// No task.
  static let none = UInt32.max

  /// Owner only. Adds a task.
  func push(_ task: UInt32) {
    let bottom = privateBottom
    privatePush(task, at: bottom)
    publish(bottom: bottom &+ 1)
  }

  /// Owner only. Shows every task below `bottom` to thieves: several pushes for the price of one.
  @inline(__always)
  func publish(bottom: Int64) {
    // ORDERING: sequentially consistent: releases the tasks' inputs to thieves (pairs with steal's load of bottom) and
    // comes before the pusher's look at the sleepers (pairs with EventCount.announce).
    ends.pointee.bottom.store(bottom, ordering: .sequentiallyConsistent)
  }

  /// Owner only. Takes the task pushed last, or `none`.
  @inline(__always)
  func pop() -> UInt32 {
    // ORDERING: relaxed; bottom is the owner's own. A stale top is smaller than the true one, so "empty" is true.
    let bottom = ends.pointee.bottom.load(ordering: .relaxed) &- 1
    if ends.pointee.top.load(ordering: .relaxed) > bottom { return WorkStealingDeque.none }
    // ORDERING: store, then load, both sequentially consistent: either this sees the thief's top or the thief sees
    // this bottom (pairs with steal).
    ends.pointee.bottom.store(bottom, ordering: .sequentiallyConsistent)
    let top = ends.pointee.top.load(ordering: .sequentiallyConsistent)
    if top < bottom { return tasks[Int(bottom & mask)].load(ordering: .relaxed) }
    var task = WorkStealingDeque.none
    if top == bottom {
      let last = tasks[Int(bottom & mask)].load(ordering: .relaxed)
      // ORDERING: the last task goes to whoever moves top (pairs with steal's exchange).
      let won = ends.pointee.top.compareExchange(
        expected: top, desired: top &+ 1, ordering: .sequentiallyConsistent
      ).exchanged
      if won { task = last }
    }
    // ORDERING: releasing, not relaxed: without a fence before it this store, too, must publish what earlier pushes did
    // (pairs with steal's load of bottom).
    ends.pointee.bottom.store(bottom &+ 1, ordering: .releasing)
    return task
  }

  /// Anybody. Takes the oldest task.
  @inline(__always)
  func steal() -> Steal {
    // ORDERING: top before bottom, both sequentially consistent (pairs with pop); bottom's load acquires the pusher's
    // writes (pairs with push).
    let top = ends.pointee.top.load(ordering: .sequentiallyConsistent)
    let bottom = ends.pointee.bottom.load(ordering: .sequentiallyConsistent)
    if top >= bottom { return .empty }
    let task = tasks[Int(top & mask)].load(ordering: .relaxed)
    // ORDERING: fails when anybody moved top since it was read, so the slot read was not yet reused.
    let won = ends.pointee.top.compareExchange(
      expected: top, desired: top &+ 1, ordering: .sequentiallyConsistent
    ).exchanged
    return won ? .task(task) : .lost
  }

  /// Anybody. How many tasks there were at about this moment.
  var count: Int {
    let top = ends.pointee.top.load(ordering: .relaxed)
    return Int(max(0, ends.pointee.bottom.load(ordering: .relaxed) &- top))
  }

  /// Anybody. The task that was to be stolen next at about this moment, or `none`.
  var oldest: UInt32 {
    let top = ends.pointee.top.load(ordering: .relaxed)
    // ORDERING: acquiring: the cell has been written (pairs with publish). It may have been written again since, with another
    // task of the run.
    if top >= ends.pointee.bottom.load(ordering: .acquiring) { return WorkStealingDeque.none }
    return tasks[Int(top & mask)].load(ordering: .relaxed)
  }

  /// Anybody. Whether there was something to steal.
  var isEmpty: Bool {
    // ORDERING: sequentially consistent: the last look before parking (pairs with push and EventCount.notify).
    let top = ends.pointee.top.load(ordering: .sequentiallyConsistent)
    return top >= ends.pointee.bottom.load(ordering: .sequentiallyConsistent)
  }
}

/// The owner's end before it is published.
extension WorkStealingDeque {
  /// Where the owner's next push goes.
  // ORDERING: relaxed; only the owner writes it.
  @inline(__always)
  var privateBottom: Int64 { ends.pointee.bottom.load(ordering: .relaxed) }

  /// Owner only. Puts a task where nobody sees it before `publish`.
  @inline(__always)
  func privatePush(_ task: UInt32, at bottom: Int64) {
    // ORDERING: relaxed; published by `publish`.
    tasks[Int(bottom & mask)].store(task, ordering: .relaxed)
  }

  /// Owner only. A task that was not yet published.
  @inline(__always)
  func privateTask(at position: Int64) -> UInt32 {
    tasks[Int(position & mask)].load(ordering: .relaxed)
  }
}
