internal import TributaryScheduler

#if canImport(Glibc)
  internal import Glibc
#endif

/// The stores that are in use around what the current thread is doing, innermost first, so that a run on one of them started
/// from inside such a run is refused, or let in, instead of waiting for itself for ever.
enum HeldStore {
  /// One run's store, in memory that outlives the run.
  struct Frame {
    /// Identifies the store; nil for a run without one that was started inside a run with one.
    var store: UnsafeRawPointer?
    var mode: StoreGate.Mode
    /// The frame around the call that started the run, whichever thread made it.
    var outer: UnsafeMutablePointer<Frame>?

    /// Whether tasks have to note anything.
    var isNeeded: Bool { store != nil || outer != nil }
  }

  /// The thread-specific key of the innermost frame.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    precondition(pthread_key_create(&key, nil) == 0, "no thread-specific key is left")
    return key
  }()

  /// The innermost frame around what the calling thread does.
  static var current: UnsafeMutablePointer<Frame>? {
    pthread_getspecific(key)?.assumingMemoryBound(to: Frame.self)
  }

  /// Calls `body` inside a frame. No lock, no allocation.
  static func inside<Result>(
    _ frame: UnsafeMutablePointer<Frame>, _ body: () throws -> Result
  ) rethrows -> Result {
    let key = key
    let before = pthread_getspecific(key)
    pthread_setspecific(key, UnsafeRawPointer(frame))
    defer { pthread_setspecific(key, before) }
    return try body()
  }

  /// How the run around the calling thread's work uses a store, if it does.
  static func mode(of store: UnsafeRawPointer) -> StoreGate.Mode? {
    var next = current
    while let frame = next {
      if frame.pointee.store == store { return frame.pointee.mode }
      next = frame.pointee.outer
    }
    return nil
  }
}
