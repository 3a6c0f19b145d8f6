internal import CSchedulerShims
internal import Glibc
internal import Synchronization

/// `SIGUSR1` writes `GraphExecutor.describeAll()` to standard error: for commands, when somebody wonders what they are doing.
///
/// The handler only writes to an event descriptor; a thread of its own reads it and prints, so that the text comes out
/// even if every other thread is stuck. That thread sleeps, holds no slot and is the only one to take the signal.
/// `TRIBUTARY_SIGUSR1=0` in the environment does without it.
package enum StateSignal {
  // ORDERING: relaxed; written before the handler is installed.
  private static let descriptor = Atomic<Int32>(-1)

  /// Begins to listen. Called once, by the main thread, before there are others: those started later do not take the signal.
  ///
  /// - Returns: whether there is a thread that listens.
  @discardableResult
  package static func install() -> Bool {
    if getenv("TRIBUTARY_SIGUSR1").map({ String(cString: $0) }) == "0" { return false }
    let events = tributary_event_descriptor()
    if events < 0 { return false }
    descriptor.store(events, ordering: .relaxed)
    var signals = signalSet()
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var handle = pthread_t()
    guard pthread_create(&handle, nil, { _ in StateSignal.listen() }, nil) == 0 else { return false }
    pthread_detach(handle)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in StateSignal.notify() }
    action.sa_flags = SA_RESTART
    return sigaction(SIGUSR1, &action, nil) == 0
  }

  /// The handler. Safe at any moment: one system call, and the caller's error number is as before.
  private static func notify() {
    let before = errno
    var one: UInt64 = 1
    _ = write(descriptor.load(ordering: .relaxed), &one, MemoryLayout<UInt64>.size)
    errno = before
  }

  private static func listen() -> UnsafeMutableRawPointer? {
    tributary_thread_name("tributary-state")
    var signals = signalSet()
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    var count: UInt64 = 0
    while true {
      let result = read(descriptor.load(ordering: .relaxed), &count, MemoryLayout<UInt64>.size)
      if result < 0, errno != EINTR { return nil }
      if result > 0 { print(GraphExecutor.describeAll()) }
    }
  }

  private static func print(_ text: String) {
    var text = text.isEmpty ? "tributary: no executor\n" : text
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { tributary_write_error($0.baseAddress, Int64($0.count)) }
    }
  }

  private static func signalSet() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR1)
    return signals
  }
}
