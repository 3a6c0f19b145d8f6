internal import Foundation
internal import Synchronization
internal import TributaryScheduler

/// Ends the program when a case takes too long: prints the seed and what the executor is doing, and exits with 1.
final class StressWatchdog: Sendable {
  private struct Watched {
    var seed: UInt64
    var executor: GraphExecutor
    var began: ContinuousClock.Instant
  }

  private let watched = Mutex<Watched?>(nil)

  /// A watchdog that lets each case take so long.
  init(patience: Duration) {
    Thread.detachNewThread { [self] in
      while true {
        usleep(100_000)
        guard let late = watched.withLock({ $0 }), late.began.duration(to: .now) > patience else { continue }
        FileHandle.standardError.write(
          Data("seed \(late.seed): no end after \(patience)\n\(late.executor.describeState())\n".utf8))
        exit(1)
      }
    }
  }

  /// Watches over `body`.
  func watch<Result>(seed: UInt64, _ executor: GraphExecutor, _ body: () throws -> Result) rethrows -> Result
  {
    watched.withLock { $0 = Watched(seed: seed, executor: executor, began: .now) }
    defer { watched.withLock { $0 = nil } }
    return try body()
  }
}
