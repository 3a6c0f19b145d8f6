internal import Synchronization
internal import TributaryScheduler

#if canImport(Glibc)
  internal import Glibc
#endif

/// Lets one run that assigns, or any number of runs that only read, use a store; first come, first served.
///
/// Entering when nobody is in the way takes one uncontended lock and no system call. A run that must wait sleeps on
/// a semaphore of its own, or suspends its Swift task; whoever leaves hands the store over, so that nobody barges in.
final class StoreGate: Sendable {
  /// What a run wants.
  enum Mode: Sendable { case reading, assigning }

  private struct State {
    var readers = 0
    var isAssigned = false
    var waiting: [Waiter] = []
    /// Whether a step failed between its first and its last assignment.
    var isInconsistent = false

    func admits(_ mode: Mode) -> Bool { !isAssigned && (mode == .reading || readers == 0) }

    mutating func admit(_ mode: Mode) {
      if mode == .reading { readers += 1 } else { isAssigned = true }
    }
  }

  private struct Waiter: Sendable {
    var mode: Mode
    var wake: @Sendable () -> Void
  }

  private let state = Mutex(State())

  /// Whether the states belong together.
  var isConsistent: Bool { state.withLock { !$0.isInconsistent } }

  /// Whether a run waits for the store, at about this moment.
  var hasWaiters: Bool { state.withLock { !$0.waiting.isEmpty } }

  /// Notes whether the states belong together.
  func setConsistent(_ isConsistent: Bool) { state.withLock { $0.isInconsistent = !isConsistent } }

  /// Waits for the store, blocking the thread, and enters. A body that waits lends its worker to whoever has the store.
  func enter(_ mode: Mode) {
    if enterAtOnce(mode) { return }
    // SAFETY: allocated here and freed here, after the one post that it waits for.
    nonisolated(unsafe) let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
    if !enqueue(mode, { sem_post(semaphore) }) {
      GraphExecutor.lendingSlot { while sem_wait(semaphore) != 0 {} }
    }
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  /// Waits for the store, suspending the Swift task, and enters.
  func enter(_ mode: Mode) async {
    if enterAtOnce(mode) { return }
    await withCheckedContinuation { continuation in
      if enqueue(mode, { continuation.resume() }) { continuation.resume() }
    }
  }

  private func enterAtOnce(_ mode: Mode) -> Bool {
    state.withLock { state in
      guard state.waiting.isEmpty, state.admits(mode) else { return false }
      state.admit(mode)
      return true
    }
  }

  /// Enters to read, from inside a run that reads: nobody can assign before that has left, so those who wait are passed.
  func enterAgain() { state.withLock { $0.admit(.reading) } }

  /// Enters if that is possible by now, else joins the queue; whether it entered.
  private func enqueue(_ mode: Mode, _ wake: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      if state.waiting.isEmpty, state.admits(mode) {
        state.admit(mode)
        return true
      }
      state.waiting.append(Waiter(mode: mode, wake: wake))
      return false
    }
  }

  /// Leaves, and lets in whoever comes next.
  func leave(_ mode: Mode) {
    let woken: [Waiter]? = state.withLock { state in
      if mode == .reading { state.readers -= 1 } else { state.isAssigned = false }
      guard let first = state.waiting.first, state.admits(first.mode) else { return nil }
      var woken: [Waiter] = []
      while let next = state.waiting.first, state.admits(next.mode) {
        state.admit(next.mode)
        woken.append(state.waiting.removeFirst())
      }
      return woken
    }
    if let woken { for waiter in woken { waiter.wake() } }
  }
}
