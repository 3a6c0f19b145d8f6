internal import Synchronization

// SAFETY: what changes is behind the lock; see README.md, "Semaphores", for what it points to.
/// A number of units of something that tasks share: disk heads, buffers, licences. A task that is declared with semaphores runs
/// only while it holds one unit of each.
///
/// ```swift
/// let disk = TaskSemaphore(2)
/// dag.add("read", acquiring: [disk]) { _ in … }
/// ```
///
/// A task that does not get all its units waits without a thread, holding none, until someone gives units back. Graphs, runs
/// and executors may share a semaphore. Tasks of one run that want this semaphore alone get their units first come,
/// first served; between runs, and for tasks with several semaphores, whoever comes while there are units gets them.
///
/// Units are given back when the body ends, also when it throws. A body must not wait for a nested run that wants units it holds
/// itself: like a lock that is not recursive, that ends only by a deadline or a cancellation.
public final class TaskSemaphore: @unchecked Sendable {
  /// How many tasks may hold a unit at once.
  public let limit: Int
  /// Tells semaphores apart and puts them in order.
  let identity: UInt64
  private let lock = Lock()
  private let state = UnsafeMutablePointer<State>.allocate(capacity: 1)

  /// A semaphore with so many units; less than 1 counts as 1.
  public init(_ limit: Int) {
    self.limit = max(1, limit)
    identity = TaskSemaphore.identities.wrappingAdd(1, ordering: .relaxed).newValue
    state.initialize(to: State(available: max(1, limit)))
  }

  deinit { state.deallocate() }

  /// How many units nobody held at about this moment. Blocks for a moment at most.
  public var available: Int { withLock { $0.available } }

  // ORDERING: relaxed; only being different, and some order, matter.
  private static let identities = Atomic<UInt64>(0)

  /// What the lock guards. Queues belong to runs that have tasks waiting here; they are taken off before those runs end.
  private struct State {
    var available: Int
    /// The queues with waiting tasks, newest first.
    var queues: UnsafeMutablePointer<WaitQueue>?

    /// Makes the first task of a queue try again, if there are units and no other task of that queue is trying.
    func wake(_ queue: UnsafeMutablePointer<WaitQueue>) {
      guard available > 0, !queue.pointee.isTrying, let task = queue.pointee.takeFirst() else { return }
      queue.pointee.isTrying = true
      queue.pointee.run.pointee.memory.waits.origins[Int(task)] = queue.pointee.index
      queue.pointee.run.inject(task)
    }

    /// Takes a queue off the list if nobody waits in it.
    mutating func tidy(_ queue: UnsafeMutablePointer<WaitQueue>) {
      guard queue.pointee.isListed, queue.pointee.isEmpty else { return }
      queue.pointee.isListed = false
      if queues == queue {
        queues = queue.pointee.next
        return
      }
      var other = queues
      while let current = other, current.pointee.next != queue { other = current.pointee.next }
      other?.pointee.next = queue.pointee.next
    }
  }

  private func withLock<Result>(_ body: (inout State) -> Result) -> Result {
    lock.locked { body(&state.pointee) }
  }

  /// Takes a unit for a task if there is one and it is the task's turn.
  ///
  /// - Parameters:
  ///   - queue: the queue of the task's run here.
  ///   - isRetry: whether the task was woken from that queue. It then counts as trying until it gets a unit here, waits, or
  ///     gives up.
  ///   - isAlone: whether the task wants no other semaphore.
  func take(in queue: UnsafeMutablePointer<WaitQueue>, isRetry: Bool, isAlone: Bool) -> Bool {
    withLock { state in
      guard state.available > 0, isRetry || !isAlone || queue.pointee.isEmpty else { return false }
      state.available -= 1
      if isRetry {
        queue.pointee.isTrying = false
        state.wake(queue)
        state.tidy(queue)
      }
      return true
    }
  }

  /// Lets a task wait, unless there is something to try for at once. The last thing to do with a task: by the time this
  /// returns it may have run elsewhere.
  func wait(_ task: UInt32, in queue: UnsafeMutablePointer<WaitQueue>, isRetry: Bool, isAlone: Bool) -> Bool {
    withLock { state in
      if state.available > 0, isRetry || !isAlone || queue.pointee.isEmpty { return false }
      if isRetry { queue.pointee.isTrying = false }
      queue.pointee.insert(task, first: isRetry)
      if !queue.pointee.isListed {
        queue.pointee.isListed = true
        queue.pointee.next = state.queues
        state.queues = queue
      }
      return true
    }
  }

  /// Gives a unit back and lets the first task of each run that waits here try again.
  func give() {
    withLock { state in
      state.available += 1
      var queue = state.queues
      while let current = queue {
        queue = current.pointee.next
        state.wake(current)
        state.tidy(current)
      }
    }
  }

  /// Says that the task woken from a queue does not try any more, so that the next one may.
  func giveUp(in queue: UnsafeMutablePointer<WaitQueue>) {
    withLock { state in
      queue.pointee.isTrying = false
      state.wake(queue)
      state.tidy(queue)
    }
  }

  /// Makes all tasks of a queue ready, to be skipped.
  func release(_ queue: UnsafeMutablePointer<WaitQueue>) {
    withLock { state in
      while let task = queue.pointee.takeFirst() { queue.pointee.run.inject(task) }
      state.tidy(queue)
    }
  }
}
