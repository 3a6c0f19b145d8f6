internal import Foundation
internal import Synchronization
internal import TributaryScheduler

/// The time from the end of a task, on the calling thread, to the start of one that it made ready, on a worker that slept.
///
/// The first task makes two ready. The thread that runs it goes on with one of them, which waits until the other has
/// begun: so the other is begun by a worker that had to be woken.
final class WakeLatency: Sendable {
  private let executor: GraphExecutor
  private let published = Atomic<Int64>(0)
  private let began = Atomic<Int64>(0)
  private let arrivals = Atomic<Int>(0)

  init(_ executor: GraphExecutor) { self.executor = executor }

  /// Takes samples, each after so many milliseconds in which the executor is left alone.
  func sampled(_ count: Int, pause: Int) throws -> Latencies {
    var builder = TaskGraphBuilder(name: "wake")
    let first = builder.add("first", after: [], cost: .unknown) { [unowned(unsafe) self] _ in
      published.store(Latencies.now(), ordering: .relaxed)
    }
    for side in 0..<2 {
      builder.add("side \(side)", after: [first], cost: .unknown) { [unowned(unsafe) self] _ in
        // ORDERING: sequentially consistent: the second to arrive is the one that was woken, and the first sees it arrive.
        if arrivals.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue == 2 {
          began.store(Latencies.now(), ordering: .relaxed)
        } else {
          while arrivals.load(ordering: .sequentiallyConsistent) < 2 {}
        }
      }
    }
    let graph = try builder.build()
    var latencies = Latencies()
    for _ in 0..<count {
      arrivals.store(0, ordering: .relaxed)
      usleep(UInt32(pause) * 1000)
      _ = try executor.run(graph)
      latencies.record(began.load(ordering: .relaxed) - published.load(ordering: .relaxed))
    }
    return latencies
  }
}
