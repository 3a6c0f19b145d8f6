internal import Synchronization

/// The memory of a run state: one dependency counter for each task and one deque for each slot. Kept and used again; changes
/// its size only while nobody is inside the run.
struct RunMemory {
  private(set) var counters = UnsafeMutablePointer<Atomic<Int32>>.allocate(capacity: 1)
  /// How many tasks there is room for.
  private(set) var counterCapacity = 0
  /// One word for each task of a graph with conditions; 0 between runs. See `TaskMark`.
  private(set) var marks: UnsafeMutablePointer<Atomic<UInt32>>?
  private var markCapacity = 0
  /// Where tasks of a graph with semaphores wait.
  var waits = WaitLists()
  private(set) var slots = 0
  private var ends: UnsafeMutablePointer<DequeEnds>?
  private var rings: UnsafeMutablePointer<Atomic<UInt32>>?
  private var ringCapacity = 0
  /// Memory for more than so many times the tasks of a graph is replaced.
  private static let mostSlack = 4
  /// Memory for fewer tasks than this is kept whatever the graph: rings of so many cells take little.
  private static let kept = 256
  /// How many roots or loop chunks the run's cursor passes.
  var cursorEnd = 0

  /// The deque of a slot.
  @inline(__always)
  func deque(_ slot: Int) -> WorkStealingDeque {
    WorkStealingDeque(
      ends: ends.unsafelyUnwrapped + slot, tasks: rings.unsafelyUnwrapped + slot * ringCapacity,
      mask: Int64(ringCapacity - 1))
  }

  /// Makes room for a graph and arms its counters. They arm themselves again as tasks run, so that a run state bound to
  /// a graph serves it for ever.
  ///
  /// - Complexity: O(tasks).
  mutating func bind(to graph: GraphTables, slots: Int) {
    reserve(slots: slots, capacity: graph.taskCount)
    if isUnsuited(counterCapacity, to: graph.taskCount) {
      counters.deallocate()
      counters = UnsafeMutablePointer<Atomic<Int32>>.allocate(capacity: graph.taskCount)
      counterCapacity = graph.taskCount
    }
    for task in 0..<graph.taskCount {
      (counters + task).initialize(to: Atomic(graph.records[task].dependencies))
    }
    clearMarks(graph.extras?.pointee.branches == nil ? 0 : graph.taskCount)
  }

  /// Makes one deque for each slot, with room for so many tasks.
  mutating func reserve(slots: Int, capacity tasks: Int) {
    if ends == nil {
      self.slots = slots
      let memory = UnsafeMutableRawPointer.allocate(
        byteCount: slots * MemoryLayout<DequeEnds>.stride, alignment: CacheLinePadding.alignment)
      let ends = memory.bindMemory(to: DequeEnds.self, capacity: slots)
      for slot in 0..<slots { (ends + slot).initialize(to: DequeEnds()) }
      self.ends = ends
    }
    var capacity = 16
    while capacity < tasks { capacity *= 2 }
    if isUnsuited(ringCapacity, to: capacity) {
      rings?.deallocate()
      // SAFETY: left as the system gives it, so that pages of rings nobody uses are never touched: a ring's cell is written
      // before it is read, and a cell needs no initialisation but its four bytes.
      rings = UnsafeMutableRawPointer.allocate(
        byteCount: slots * capacity * MemoryLayout<Atomic<UInt32>>.stride,
        alignment: CacheLinePadding.alignment
      ).bindMemory(to: Atomic<UInt32>.self, capacity: slots * capacity)
      ringCapacity = capacity
    }
  }

  /// Moves both ends of every deque, all empty, to the beginning of its ring, so that runs touch as many pages of a large ring as
  /// one of them fills, not in time the whole ring. Only under the lease, with nobody inside.
  func rewindRings() {
    guard ringCapacity > RunMemory.kept, let ends else { return }
    let capacity = Int64(ringCapacity)
    for slot in 0..<slots {
      // ORDERING: relaxed; published by the opening of the gate. Forward, so that `top` never decreases, and `top` first, so that
      // the deque is empty all along.
      let first = (ends[slot].bottom.load(ordering: .relaxed) + capacity - 1) & -capacity
      ends[slot].top.store(first, ordering: .relaxed)
      ends[slot].bottom.store(first, ordering: .relaxed)
    }
  }

  /// Whether memory for `capacity` tasks is too small for so many, or so large that it is better given back.
  private func isUnsuited(_ capacity: Int, to tasks: Int) -> Bool {
    capacity < tasks || capacity > RunMemory.kept && capacity / RunMemory.mostSlack > tasks
  }

  /// Makes so many marks, all 0; for none gives back what there was.
  private mutating func clearMarks(_ count: Int) {
    if count == 0 || isUnsuited(markCapacity, to: count) {
      marks?.deallocate()
      marks = count == 0 ? nil : .allocate(capacity: count)
      markCapacity = count
    }
    guard let marks else { return }
    for task in 0..<count { (marks + task).initialize(to: Atomic(0)) }
  }

  func deallocate() {
    counters.deallocate()
    marks?.deallocate()
    waits.deallocate()
    rings?.deallocate()
    ends?.deallocate()
  }
}
