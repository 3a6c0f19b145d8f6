public import TributaryScheduler

/// The numbers of workers that scheduler tests run with: one, few, and more than the machine has CPUs.
public let testedWorkerCounts = [1, 2, 3, 8, 32]

/// Runs a body with an executor of each tested number of workers, under a watchdog.
///
/// - Parameters:
///   - sharing: when runs are opened to other threads; by default always, so that small tests meet every protocol.
///   - body: the test.
public func withEveryWorkerCount(
  sharing: GraphExecutor.Sharing = .always, _ body: (GraphExecutor) throws -> Void
) throws {
  for workers in testedWorkerCounts {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: sharing))
    try withWatchdog(executor) { try body(executor) }
    executor.shutdown()
  }
}
