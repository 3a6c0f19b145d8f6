internal import CSchedulerShims
internal import Glibc
internal import Synchronization

/// A thread that writes the executor's state to standard error when runs are under way and nothing ends.
// SAFETY: the handle is behind a lock; the rest are constants and atomics.
final class Watchdog: @unchecked Sendable {
  private let interval: Int64
  private let isStopping = Atomic<Bool>(false)
  private let handle = Mutex<pthread_t?>(nil)
  private let signal: UnsafeMutablePointer<EventCount>
  /// How often it has written.
  let alarms = Atomic<Int>(0)

  init(interval: Duration) {
    self.interval = max(1_000_000, interval.clampedNanoseconds)
    signal = .allocate(capacity: 1)
    signal.initialize(to: EventCount())
  }

  deinit { signal.deallocate() }

  private final class Start {
    let watchdog: Watchdog
    let core: CorePointer

    init(_ watchdog: Watchdog, _ core: CorePointer) {
      self.watchdog = watchdog
      self.core = core
    }
  }

  func start(_ core: CorePointer) throws(SchedulerError) {
    core.pointee.references.wrappingAdd(1, ordering: .relaxed)
    // SAFETY: the new thread takes the reference over; if there is no new thread, this one does.
    let start = Unmanaged.passRetained(Start(self, core))
    var created = pthread_t()
    let code = Machine.startThread(&created, { Watchdog.threadMain($0) }, start.toOpaque())
    guard code == 0 else {
      start.release()
      ExecutorCore.letGo(core)
      throw SchedulerError(
        .threadCreationFailed,
        "the watchdog's thread cannot be started (error \(code)): raise the limit of threads")
    }
    let thread = created
    handle.withLock { $0 = thread }
  }

  /// Ends the thread and waits for it.
  func stop() {
    // ORDERING: sequentially consistent, before notifying (pairs with the look after announcing in watch).
    isStopping.store(true, ordering: .sequentiallyConsistent)
    signal.pointee.notifyAll()
    let thread = handle.withLock { handle in
      defer { handle = nil }
      return handle
    }
    if let thread { Machine.join(thread) }
  }

  private static func threadMain(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    // SAFETY: takes over the reference that `start` retained.
    let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
    Machine.nameThread("tributary-watch")
    start.watchdog.watch(start.core)
    ExecutorCore.letGo(start.core)
    return nil
  }

  private func watch(_ core: CorePointer) {
    // ORDERING: isStopping is sequentially consistent, after announcing (pairs with stop).
    var last: Int64 = -1
    while !isStopping.load(ordering: .sequentiallyConsistent) {
      signal.pointee.announce()
      if isStopping.load(ordering: .sequentiallyConsistent) {
        _ = signal.pointee.cancel()
        return
      }
      if signal.pointee.sleep(timeout: interval) { continue }
      let progress = core.pointee.progress
      let isBusy = core.pointee.calls.load(ordering: .relaxed) > 0
      if isBusy, progress == last {
        alarms.wrappingAdd(1, ordering: .relaxed)
        let text =
          "tributary: no task has ended for \(Double(interval) * 1e-9) s\n" + core.pointee.description
        text.utf8.withContiguousStorageIfAvailable { bytes in
          bytes.withMemoryRebound(to: CChar.self) { tributary_write_error($0.baseAddress, Int64($0.count)) }
        }
      }
      last = isBusy ? progress : -1
    }
  }
}
