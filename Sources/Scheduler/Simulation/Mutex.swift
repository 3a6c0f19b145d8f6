internal import CSchedulerShims
internal import Synchronization

// As with Atomic: the standard library's lock in a release build, one that a simulation understands in a debug build.
#if DEBUG || TRIBUTARY_SIMULATION

  /// A lock for which simulated threads wait as real ones do. Outside a simulation it is the standard library's.
  struct Mutex<Value: ~Copyable>: ~Copyable {
    private let base: Synchronization.Mutex<Value>
    /// Whether a simulated thread holds the lock. Only simulations touch it, and a lock belongs to one simulation.
    private let isHeld = Synchronization.Atomic<UInt32>(0)

    init(_ value: consuming sending Value) { base = Synchronization.Mutex(value) }

    borrowing func withLock<Result: ~Copyable, Failure: Error>(
      _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
      if tributary_simulation() == nil { return try base.withLock(body) }
      acquire()
      defer { release() }
      return try base.withLock(body)
    }

    // ORDERING: relaxed: one thread plays all.
    private func acquire() {
      Simulator.step()
      while isHeld.load(ordering: .relaxed) != 0 {
        withUnsafePointer(to: isHeld) { Machine.wait(on: UnsafeRawPointer($0), while: 1, timeout: -1) }
      }
      isHeld.store(1, ordering: .relaxed)
    }

    private func release() {
      isHeld.store(0, ordering: .relaxed)
      withUnsafePointer(to: isHeld) { Machine.wake(UnsafeRawPointer($0), count: 1) }
    }
  }

  // SAFETY: a wrapper around a lock, which is made for several threads.
  extension Mutex: @unchecked Sendable where Value: ~Copyable {}

#else

  typealias Mutex = Synchronization.Mutex

#endif
