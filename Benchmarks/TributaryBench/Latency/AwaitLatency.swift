internal import Foundation
internal import Synchronization
internal import TributaryScheduler

/// The time from `await run` of a graph of one task, on an executor that sleeps, to the task's start and to the return.
final class AwaitLatency: Sendable {
  private let executor: GraphExecutor
  private let began = Atomic<Int64>(0)
  private let outcome = Mutex<Result<(start: Latencies, end: Latencies), any Error>>(
    .success((Latencies(), Latencies())))

  init(_ executor: GraphExecutor) { self.executor = executor }

  /// Takes samples in a Swift task and blocks until it has ended, so that the command's other parts need not be asynchronous.
  func sampledFromTask(_ count: Int, pause: Int) throws -> (start: Latencies, end: Latencies) {
    let done = DispatchSemaphore(value: 0)
    Task {
      do {
        let sampled = try await sampled(count, pause)
        outcome.withLock { $0 = .success(sampled) }
      } catch {
        outcome.withLock { $0 = .failure(error) }
      }
      done.signal()
    }
    done.wait()
    return try outcome.withLock { $0 }.get()
  }

  private func sampled(_ count: Int, _ pause: Int) async throws -> (start: Latencies, end: Latencies) {
    var builder = TaskGraphBuilder(name: "await")
    builder.add("only", after: [], cost: .unknown) { [unowned(unsafe) self] _ in
      began.store(Latencies.now(), ordering: .relaxed)
    }
    let graph = try builder.build()
    var start = Latencies()
    var end = Latencies()
    for _ in 0..<count {
      try await Task.sleep(for: .milliseconds(pause))
      let called = Latencies.now()
      _ = try await executor.run(graph)
      end.record(Latencies.now() - called)
      start.record(began.load(ordering: .relaxed) - called)
    }
    return (start, end)
  }
}
