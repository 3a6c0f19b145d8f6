internal import Foundation
internal import Synchronization
internal import TributaryTestSupport

/// Holds up workers in the middle of whatever they do: sends a signal to a random one of the process's executor threads now
/// and then, whose handler sleeps for some microseconds.
///
/// A worker is so stopped between any two instructions, in a steal or on its way to sleep, for longer than others
/// need to finish the run and begin another.
final class Disturber: Sendable {
  private let isDone = Atomic(false)
  private let hasEnded = DispatchSemaphore(value: 0)

  /// The longest sleep in the handler, in microseconds.
  static let longestSleep: UInt32 = 300

  /// Sends signals until `stop`, at times and to threads drawn from a seed.
  init(seed: UInt64) throws {
    try Disturber.installHandler()
    Thread.detachNewThread { [self] in
      var random = SplitMix64(seed: seed)
      while !isDone.load(ordering: .relaxed) {
        usleep(UInt32.random(in: 20...500, using: &random))
        if let thread = ExecutorThreads.all.randomElement(using: &random) {
          Disturber.send(to: thread)
        }
      }
      hasEnded.signal()
    }
  }

  /// Ends the disturbance; no signal is sent after this.
  func stop() {
    isDone.store(true, ordering: .relaxed)
    hasEnded.wait()
  }

  /// Calls `body` while workers are disturbed.
  static func disturbing<Result>(seed: UInt64, _ body: () throws -> Result) throws -> Result {
    let disturber = try Disturber(seed: seed)
    defer { disturber.stop() }
    return try body()
  }

  private static var signal: Int32 { SIGURG }

  private static func installHandler() throws {
    var action = sigaction()
    // Only calls what a handler may call. How long it sleeps follows from the clock, which is as good as chance.
    action.__sigaction_handler.sa_handler = { _ in
      let saved = errno
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      var pause = timespec(tv_sec: 0, tv_nsec: now.tv_nsec % Int(Disturber.longestSleep * 1000))
      nanosleep(&pause, nil)
      errno = saved
    }
    action.sa_flags = SA_RESTART
    guard sigaction(signal, &action, nil) == 0 else {
      throw BenchError("no handler can be installed for signal \(signal): error \(errno)")
    }
  }

  private static func send(to thread: pid_t) {
    // The C library has tgkill since 2.30; Swift's view of it does not.
    typealias Function = @convention(c) (pid_t, pid_t, CInt) -> CInt
    guard let symbol = dlsym(nil, "tgkill") else { return }
    _ = unsafeBitCast(symbol, to: Function.self)(getpid(), thread, signal)
  }
}
