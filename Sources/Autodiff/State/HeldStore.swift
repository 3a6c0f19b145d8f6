#if canImport(Glibc)
  internal import Glibc
#endif

/// The stores that runs hold exclusively around what the current thread is doing, innermost first, so that a run on one
/// of them started from inside such a run is refused instead of waiting for itself for ever.
enum HeldStore {
  /// One held store, on the stack of the task that entered.
  struct Frame {
    var store: UnsafeRawPointer
    var outer: UnsafeMutableRawPointer?
  }

  /// The thread-specific key of the innermost frame.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    precondition(pthread_key_create(&key, nil) == 0, "no thread-specific key is left")
    return key
  }()

  /// Calls `body` with a store noted as held. No lock, no allocation.
  static func holding<Result>(
    _ store: UnsafeRawPointer, _ body: () throws -> Result
  ) rethrows -> Result {
    let key = key
    var frame = Frame(store: store, outer: pthread_getspecific(key))
    return try withUnsafeMutablePointer(to: &frame) { frame in
      pthread_setspecific(key, UnsafeRawPointer(frame))
      defer { pthread_setspecific(key, frame.pointee.outer) }
      return try body()
    }
  }

  /// Whether the current thread is inside a run that holds a store.
  static func contains(_ store: UnsafeRawPointer) -> Bool {
    var next = pthread_getspecific(key)
    while let frame = next?.assumingMemoryBound(to: Frame.self) {
      if frame.pointee.store == store { return true }
      next = frame.pointee.outer
    }
    return false
  }
}
