internal import Synchronization

/// Where threads sleep until there may be work: a count of sleepers and a futex of wake-up tokens.
///
/// A sleeper announces itself, looks for work once more, and only then sleeps; a notifier publishes the work, then looks for
/// sleepers. Each takes one sleeper off the count and posts one token, so a wake-up is never lost and never doubled. See
/// README.md, "Parking".
struct EventCount: ~Copyable {
  private let sleepers = Atomic<Int32>(0)
  private let tokens = Atomic<UInt32>(0)
  private let padding = CacheLinePadding()

  /// Whether somebody sleeps or is about to.
  @inline(__always)
  var hasSleepers: Bool {
    // ORDERING: sequentially consistent, after the notifier's publication (pairs with announce).
    sleepers.load(ordering: .sequentiallyConsistent) > 0
  }

  /// Says that the caller is about to sleep. Either `cancel` or `sleep` must follow.
  func announce() {
    // ORDERING: sequentially consistent, before the caller's last look for work (pairs with hasSleepers and notifyOne).
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
  }

  /// Takes the announcement back.
  ///
  /// - Returns: whether a notifier had already chosen the caller, or another in its place.
  func cancel() -> Bool {
    if withdraw() { return false }
    _ = takeToken(until: nil)
    return true
  }

  /// Sleeps until a notifier posts a token.
  ///
  /// - Parameter timeout: nanoseconds, or nil for no limit.
  /// - Returns: false when the time was up and nobody had notified.
  func sleep(timeout: Int64? = nil) -> Bool {
    let limit = timeout.map { monotonicNanoseconds() + $0 }
    if takeToken(until: limit) { return true }
    return cancel()
  }

  /// Wakes one sleeper.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  func notifyOne() -> Bool {
    guard hasSleepers, withdraw() else { return false }
    post(1)
    return true
  }

  /// Wakes all sleepers.
  func notifyAll() {
    // ORDERING: sequentially consistent like notifyOne's.
    let count = sleepers.exchange(0, ordering: .sequentiallyConsistent)
    if count > 0 { post(UInt32(count)) }
  }

  private func withdraw() -> Bool {
    var count = sleepers.load(ordering: .sequentiallyConsistent)
    while count > 0 {
      // ORDERING: sequentially consistent: in the one order of announcements and withdrawals.
      let (exchanged, original) = sleepers.compareExchange(
        expected: count, desired: count - 1, ordering: .sequentiallyConsistent)
      if exchanged { return true }
      count = original
    }
    return false
  }

  private func post(_ count: UInt32) {
    // ORDERING: releasing: what the notifier did is seen by the sleeper that takes the token (pairs with takeToken).
    tokens.wrappingAdd(count, ordering: .releasing)
    withFutex { Machine.wake($0, count: Int32(count)) }
  }

  private func takeToken(until limit: Int64?) -> Bool {
    while true {
      var available = tokens.load(ordering: .relaxed)
      while available > 0 {
        // ORDERING: acquiring, pairs with post.
        let (exchanged, original) = tokens.compareExchange(
          expected: available, desired: available - 1, ordering: .acquiring)
        if exchanged { return true }
        available = original
      }
      var timeout: Int64 = -1
      if let limit {
        timeout = limit - monotonicNanoseconds()
        if timeout <= 0 { return false }
      }
      withFutex { Machine.wait(on: $0, while: 0, timeout: timeout) }
    }
  }

  // SAFETY: an event count is only ever used in raw memory that does not move, and Atomic<UInt32> is its four bytes.
  private func withFutex(_ body: (UnsafeRawPointer) -> Void) {
    withUnsafePointer(to: tokens) { body(UnsafeRawPointer($0)) }
  }
}
