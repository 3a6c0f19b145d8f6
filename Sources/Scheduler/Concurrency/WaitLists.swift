internal import Synchronization

/// The tasks of one run that wait for one semaphore, in order. Everything but the constants is guarded by the semaphore's lock.
struct WaitQueue {
  let run: RunPointer
  // SAFETY: the graph keeps its semaphores, and its runs keep the graph.
  let semaphore: Unmanaged<TaskSemaphore>
  /// The queue's number, and its semaphore's in the graph.
  let index: UInt32
  private var first = WorkStealingDeque.none
  private var last = WorkStealingDeque.none
  /// Whether a task that waited here was made ready to try again and has not yet.
  var isTrying = false
  /// Whether the semaphore knows of this queue, and the next one it knows of.
  var isListed = false
  var next: UnsafeMutablePointer<WaitQueue>?

  init(run: RunPointer, semaphore: Unmanaged<TaskSemaphore>, index: UInt32) {
    self.run = run
    self.semaphore = semaphore
    self.index = index
  }

  var isEmpty: Bool { first == WorkStealingDeque.none }

  mutating func insert(_ task: UInt32, first isFirst: Bool) {
    let links = run.pointee.memory.waits.links
    if isEmpty {
      links[Int(task)] = WorkStealingDeque.none
      (first, last) = (task, task)
    } else if isFirst {
      links[Int(task)] = first
      first = task
    } else {
      links[Int(task)] = WorkStealingDeque.none
      links[Int(last)] = task
      last = task
    }
    // ORDERING: sequentially consistent, before the look for sleepers that follows (pairs with a sleeper's choice of how
    // long to sleep).
    run.pointee.waiting.wrappingAdd(1, ordering: .sequentiallyConsistent)
  }

  mutating func takeFirst() -> UInt32? {
    if isEmpty { return nil }
    let task = first
    first = run.pointee.memory.waits.links[Int(task)]
    run.pointee.waiting.wrappingSubtract(1, ordering: .relaxed)
    return task
  }
}

/// A run's queues at the semaphores of its graph. Empty for a graph without semaphores.
struct WaitLists {
  private(set) var count = 0
  private(set) var queues = UnsafeMutablePointer<WaitQueue>.allocate(capacity: 1)
  /// For a waiting or injected task the next one of its list. A task is in one list at most and whoever has taken it out may
  /// write its cell.
  private(set) var links = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
  /// The queue from which a task was woken, until it has tried again.
  private(set) var origins = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)

  /// Makes room for a graph's tasks if it has semaphores, nobody waiting; else gives back what there was. Only under the lease,
  /// with nobody inside.
  mutating func bind(_ graph: GraphTables, run: RunPointer) {
    if count > 0 {
      deallocate()
      self = WaitLists()
    }
    guard let extras = graph.extras, extras.pointee.hasSemaphores else { return }
    deallocate()
    count = extras.pointee.semaphores.count
    queues = .allocate(capacity: count)
    for (index, semaphore) in extras.pointee.semaphores.enumerated() {
      // SAFETY: see WaitQueue.
      let reference = Unmanaged.passUnretained(semaphore)
      (queues + index).initialize(to: WaitQueue(run: run, semaphore: reference, index: UInt32(index)))
    }
    links = .allocate(capacity: graph.taskCount)
    links.initialize(repeating: WorkStealingDeque.none, count: graph.taskCount)
    origins = .allocate(capacity: graph.taskCount)
    origins.initialize(repeating: WorkStealingDeque.none, count: graph.taskCount)
  }

  func deallocate() {
    queues.deallocate()
    links.deallocate()
    origins.deallocate()
  }
}
