import Glibc
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

/// `await run` blocks no thread of Swift's own and can be cancelled at any moment.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SuspendingTests {
  /// Far more runs wait at once than Swift has threads, and other tasks go on meanwhile.
  @Test(arguments: [1, 2, 8]) func waitingRunsBlockNobody(_ workers: Int) async {
    await #expect(processExitsWith: .success) { [workers] in
      let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
      let isReleased = SharedFlag()
      let started = SharedCount()
      var builder = TaskGraphBuilder()
      for _ in 0..<workers {
        builder.add { _ in
          started.add()
          while !isReleased.isSet { usleep(100) }
        }
      }
      let graph = try builder.build()
      let runs = (0..<200).map { _ in Task { try await executor.run(graph) } }
      // These need Swift's threads, all of which would be gone if each waiting run took one.
      while started.value < max(1, workers - 1) { await Task.yield() }
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<100 { group.addTask { for _ in 0..<20 { await Task.yield() } } }
      }
      isReleased.set(true)
      for run in runs { _ = try await run.value }
      exit(started.value == 200 * workers ? EXIT_SUCCESS : 1)
    }
  }

  /// All of Swift's threads are busy: runs begin and end all the same, since they need none.
  @Test(arguments: [1, 2, 8]) func runsNeedNoThreadOfSwifts(_ workers: Int) async {
    await #expect(processExitsWith: .success) { [workers] in
      let executor = try GraphExecutor(workers: workers)
      let ended = SharedCount()
      var builder = TaskGraphBuilder()
      for _ in 0..<20 { builder.add { _ in ended.add() } }
      let graph = try builder.build()
      let submitted = SharedCount()
      let isOver = SharedFlag()
      let runs = (0..<10).map { _ in
        Task {
          submitted.add()
          return try await executor.run(graph)
        }
      }
      while submitted.value < 10 { await Task.yield() }
      // Every thread of the pool, this one included, spins until the runs' bodies are all done.
      let count = sysconf(Int32(_SC_NPROCESSORS_ONLN)) * 2
      for _ in 0..<count {
        Task { while !isOver.isSet {} }
      }
      var patience = 20_000
      while ended.value < 200, patience > 0 {
        usleep(1_000)
        patience -= 1
      }
      isOver.set(true)
      guard ended.value == 200 else { exit(1) }
      for run in runs { _ = try await run.value }
    }
  }

  /// A run that was cancelled while it waits for a pool thread ends at once, although its turn never comes.
  @Test func cancelledInLine() async throws {
    let executor = try GraphExecutor(workers: 1)
    let isHeld = SharedFlag()
    let isReleased = SharedFlag()
    let ended = SharedFlag()
    var builder = TaskGraphBuilder()
    builder.add { _ in
      isHeld.set(true)
      while !isReleased.isSet { usleep(100) }
    }
    let holder = try builder.build()
    var other = TaskGraphBuilder()
    other.add { _ in Issue.record("cancelled before its turn") }
    let graph = try other.build()
    startThread {
      _ = try? executor.run(holder)
      ended.set(true)
    }
    while !isHeld.isSet { await Task.yield() }
    // In line and then cancelled, and cancelled before it starts.
    let waiting = Task { try await executor.run(graph) }
    while executor.core.pointee.line.threadCount + executor.core.pointee.line.unservedCount == 0 {
      await Task.yield()
    }
    waiting.cancel()
    let first = await #expect(throws: RunFailure.self) { _ = try await waiting.value }
    #expect(first?.code == .cancelled)
    let late = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await executor.run(graph)
    }
    late.cancel()
    let second = await #expect(throws: RunFailure.self) { _ = try await late.value }
    #expect(second?.code == .cancelled)
    isReleased.set(true)
    while !ended.isSet { await Task.yield() }
    #expect(executor.core.pointee.calls.load(ordering: .sequentiallyConsistent) == 0)
  }

  /// Cancelled at random moments: a run either succeeds whole or fails as cancelled, and the executor and graph work on.
  @Test(arguments: testedWorkerCounts) func cancelledAtAnyMoment(_ workers: Int) async throws {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
    let probe = try OrderProbe(RandomDAG(seed: 9, tasks: 200), seed: 9)
    try await executor.run(probe.graph)
    #expect(probe.holds(afterRuns: 1))
    let log = SharedCount()
    var builder = TaskGraphBuilder()
    for _ in 0..<100 { builder.add { _ in log.add() } }
    let graph = try builder.build()
    for round in 0..<60 {
      log.reset()
      var runs: [Task<Bool, any Error>] = []
      for _ in 0..<4 {
        runs.append(
          Task {
            do {
              try await executor.run(graph)
              return true
            } catch let failure as RunFailure {
              guard failure.code == .cancelled else { throw failure }
              return false
            }
          })
      }
      for _ in 0..<round { await Task.yield() }
      for run in runs.dropFirst() { run.cancel() }
      var whole = 0
      for run in runs where try await run.value { whole += 1 }
      #expect(whole >= 1)
      #expect(log.value >= whole * 100)
    }
    try await executor.run(probe.graph)
    #expect(probe.holds(afterRuns: 2))
    #expect(executor.core.pointee.calls.load(ordering: .sequentiallyConsistent) == 0)
  }

  /// The same for runs that are longer than a turn: one that has begun and is in line again ends by its tasks.
  @Test(arguments: [1, 2, 3]) func cancelledBetweenTurns(_ workers: Int) async throws {
    let executor = try GraphExecutor(workers: workers)
    let probes = try (0..<4).map { client in
      try OrderProbe(RandomDAG(seed: UInt64(client) * 5 + 4, tasks: 3_000), seed: UInt64(client))
    }
    for round in 0..<8 {
      let runs = probes.map { probe in
        Task { (try? await executor.run(probe.graph)) != nil }
      }
      for _ in 0..<round * 100 { await Task.yield() }
      for run in runs[1...] { run.cancel() }
      let isWhole = await runs[0].value
      #expect(isWhole)
      for run in runs[1...] { _ = await run.value }
      #expect(executor.core.pointee.openRuns.load(ordering: .sequentiallyConsistent) == 0)
    }
    #expect(probes[0].holds(afterRuns: 8))
    #expect(executor.core.pointee.calls.load(ordering: .sequentiallyConsistent) == 0)
    for probe in probes { #expect(try await executor.run(probe.graph).tasksRun == 3_000) }
  }
}
