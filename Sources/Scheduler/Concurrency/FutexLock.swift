internal import Synchronization

/// A lock for a few instructions: after Drepper, *Futexes Are Tricky* (2011), the second mutex there.
///
/// Like `Mutex`, but made of atomics of this module, so that ThreadSanitizer sees what it orders. Not recursive and not
/// fair.
struct FutexLock: ~Copyable {
  /// 0: free; 1: held; 2: held, and somebody may sleep.
  private let word = Atomic<UInt32>(0)

  /// Waits until the lock is free and takes it.
  func lock() {
    // ORDERING: acquiring, here and below: what earlier holders did (pairs with unlock).
    if word.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged { return }
    for _ in 0..<64 {
      spinBriefly()
      if word.load(ordering: .relaxed) == 0,
        word.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged
      {
        return
      }
    }
    while word.exchange(2, ordering: .acquiring) != 0 {
      withFutex { Machine.wait(on: $0, while: 2, timeout: -1) }
    }
  }

  /// Gives the lock back. Only by its holder.
  func unlock() {
    // ORDERING: releasing: what the holder did (pairs with lock).
    if word.exchange(0, ordering: .releasing) == 2 { withFutex { Machine.wake($0, count: 1) } }
  }

  // SAFETY: a lock is only ever used in raw memory that does not move, and Atomic<UInt32> is its four bytes.
  private func withFutex(_ body: (UnsafeRawPointer) -> Void) {
    withUnsafePointer(to: word) { body(UnsafeRawPointer($0)) }
  }
}
