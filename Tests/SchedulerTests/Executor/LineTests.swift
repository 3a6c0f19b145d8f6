import Glibc
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

/// The line for slots: who asked first is served first, whatever it is.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LineTests {
  private func inLine(_ executor: GraphExecutor) -> Int {
    executor.core.pointee.line.threadCount + executor.core.pointee.line.unservedCount
  }

  /// Callers, asynchronous runs and jobs that come while the only slot is taken begin in the order of their coming.
  @Test(arguments: 0..<12 as Range<UInt64>) func beginsInTheOrderOfArrival(_ seed: UInt64) async throws {
    let executor = try GraphExecutor(workers: 1)
    let isHeld = SharedFlag()
    let isReleased = SharedFlag()
    var builder = TaskGraphBuilder()
    builder.add { _ in
      isHeld.set(true)
      while !isReleased.isSet { usleep(100) }
    }
    let holder = try builder.build()
    let order = Mutex<[Int]>([])
    var random = SplitMix64(seed: seed)
    let kinds = (0..<24).map { _ in Int.random(in: 0..<3, using: &random) }
    let ended = SharedCount()
    let body: @Sendable (Int) -> Void = { index in order.withLock { $0.append(index) } }
    let graphs = try kinds.indices.map { index in
      var builder = TaskGraphBuilder()
      builder.add { _ in body(index) }
      return try builder.build()
    }
    startThread {
      _ = try? executor.run(holder)
      ended.add()
    }
    while !isHeld.isSet { await Task.yield() }
    for (index, kind) in kinds.enumerated() {
      switch kind {
      case 0:
        startThread {
          _ = try? executor.run(graphs[index])
          ended.add()
        }
      case 1:
        Task {
          _ = try? await executor.run(graphs[index])
          ended.add()
        }
      default:
        Task(executorPreference: executor) {
          body(index)
          ended.add()
        }
      }
      while inLine(executor) < index + 1 { await Task.yield() }
    }
    isReleased.set(true)
    while ended.value < kinds.count + 1 { await Task.yield() }
    #expect(order.withLock { $0 } == Array(kinds.indices))
    #expect(inLine(executor) == 0)
  }

  /// A line longer than the threads that could serve it drains, whoever comes and goes.
  @Test(arguments: testedWorkerCounts) func nobodyIsForgotten(_ workers: Int) async throws {
    let executor = try GraphExecutor(workers: workers)
    let log = SharedCount()
    var builder = TaskGraphBuilder()
    for _ in 0..<3 { builder.add { _ in log.add() } }
    let graph = try builder.build()
    let callers = SharedCount()
    for caller in 0..<6 {
      startThread {
        for round in 0..<200 {
          _ = try? executor.run(graph)
          if (round + caller) % 16 == 0 { usleep(50) }
        }
        callers.add()
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask { for _ in 0..<100 { _ = try? await executor.run(graph) } }
        group.addTask(executorPreference: executor) {
          for _ in 0..<100 {
            log.add()
            await Task.yield()
          }
        }
      }
    }
    while callers.value < 6 { usleep(100) }
    #expect(log.value == 6 * 200 * 3 + 6 * 100 * 3 + 6 * 100)
    #expect(inLine(executor) == 0)
  }
}
