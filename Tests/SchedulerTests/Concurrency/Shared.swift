import Glibc
import Synchronization

/// A count that closures may share.
final class SharedCount: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .sequentiallyConsistent) }
  @discardableResult func add(_ amount: Int = 1) -> Int {
    count.wrappingAdd(amount, ordering: .relaxed).newValue
  }
  func remove() { count.wrappingSubtract(1, ordering: .relaxed) }
  func reset() { count.store(0, ordering: .sequentiallyConsistent) }
}

/// A flag that closures may share.
final class SharedFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  var isSet: Bool { flag.load(ordering: .sequentiallyConsistent) }
  func set(_ value: Bool) { flag.store(value, ordering: .sequentiallyConsistent) }
}

/// A text that closures may share.
final class SharedText: Sendable {
  private let text = Mutex("")
  var value: String { text.withLock { $0 } }
  func set(_ value: String) { text.withLock { $0 = value } }
}

/// A value behind a lock of the C library, whose order ThreadSanitizer sees; that of `Mutex` it does not.
final class Locked<Value>: @unchecked Sendable {
  // SAFETY: the value is touched under the lock only.
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

  init(_ value: Value) {
    precondition(pthread_mutex_init(lock, nil) == 0)
    self.value.initialize(to: value)
  }

  deinit {
    pthread_mutex_destroy(lock)
    lock.deallocate()
    value.deinitialize(count: 1)
    value.deallocate()
  }

  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body(&value.pointee)
  }
}
