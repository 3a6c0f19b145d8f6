internal import Glibc

// SAFETY: a mutex that stays where it is; what it guards is its owner's affair.
/// A lock of the system's, held for a few instructions and never on a run's way from task to task: sanitizers see what it orders,
/// unlike `Mutex`'s, a simulation understands it, and a fork may hold it.
struct Lock: ~Copyable, @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func lock() { Machine.lock(mutex) }

  func unlock() { Machine.unlock(mutex) }

  /// Calls a function while no other thread has the lock.
  func locked<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    lock()
    defer { unlock() }
    return try body()
  }
}
