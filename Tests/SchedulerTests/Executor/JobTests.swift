import Glibc
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

/// An executor as the executor of Swift tasks.
@Suite(.serialized) struct JobTests {
  /// Whether the calling thread computes for an executor.
  static func isIn(_ executor: GraphExecutor) -> Bool { executor.core.pointee.heldSlot() != nil }

  /// Keeps a thread busy for a moment.
  static func compute(_ steps: Int = 20_000) {
    var sum = 0
    for step in 0..<steps { sum &+= step &* step }
    if sum == -1 { Issue.record("not reached") }
  }

  @Test(arguments: testedWorkerCounts) func jobsRunOnTheExecutorsThreads(_ workers: Int) async throws {
    let executor = try GraphExecutor(workers: workers)
    #expect(await Task(executorPreference: executor) { JobTests.isIn(executor) }.value)
    let both = await withTaskExecutorPreference(executor) {
      let before = JobTests.isIn(executor)
      await Task.yield()
      return [before, JobTests.isIn(executor)]
    }
    #expect(both == [true, true])
    #expect(!JobTests.isIn(executor))
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<200 {
        group.addTask(executorPreference: executor) {
          for _ in 0..<5 { await Task.yield() }
          return JobTests.isIn(executor)
        }
      }
      for await isInside in group { #expect(isInside) }
    }
  }

  actor Counter {
    var value = 0
    var foreign = 0
    func add(on executor: GraphExecutor) {
      value += 1
      if !JobTests.isIn(executor) { foreign += 1 }
    }
  }

  @Test func actorsOfATaskUseItsThreads() async throws {
    let executor = try GraphExecutor(workers: 3)
    let counter = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask(executorPreference: executor) { for _ in 0..<10 { await counter.add(on: executor) } }
      }
    }
    #expect(await counter.value == 500)
    #expect(await counter.foreign == 0)
  }

  /// Jobs, asynchronous runs and callers together: never more threads compute than there are workers, nor two in one slot.
  @Test(arguments: testedWorkerCounts) func theBoundOnThreadsHolds(_ workers: Int) async throws {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
    let computing = SharedCount()
    let tooMany = SharedCount()
    let work: @Sendable () -> Void = {
      if computing.add() > workers { tooMany.add() }
      JobTests.compute(2_000)
      computing.remove()
    }
    var builder = TaskGraphBuilder()
    for _ in 0..<40 { builder.add { _ in work() } }
    let graph = try builder.build()
    let callers = SharedCount()
    for _ in 0..<3 {
      startThread {
        for _ in 0..<10 where (try? executor.run(graph)) != nil {}
        callers.add()
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<60 {
        group.addTask(executorPreference: executor) {
          for _ in 0..<5 {
            work()
            await Task.yield()
          }
          if index % 10 == 0 { _ = try? await executor.run(graph) }
        }
      }
      for _ in 0..<5 { group.addTask { _ = try? await executor.run(graph) } }
    }
    while callers.value < 3 { usleep(100) }
    #expect(tooMany.value == 0)
  }

  @Test(arguments: testedWorkerCounts) func jobsRunGraphs(_ workers: Int) async throws {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
    let log = SharedCount()
    let foreign = SharedCount()
    var builder = TaskGraphBuilder()
    let middle = builder.add { context in
      log.add()
      try context.parallelFor(0..<100, grain: 10) { _ in log.add() }
    }
    for _ in 0..<20 { builder.add(after: middle) { _ in log.add() } }
    let graph = try builder.build()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<30 {
        group.addTask(executorPreference: executor) {
          if index % 2 == 0 {
            let held = executor.core.pointee.heldSlot()
            _ = try executor.runBlockingForTest(graph)
            if held == nil || executor.core.pointee.heldSlot() != held { foreign.add() }
          } else {
            _ = try await executor.run(graph)
            if !JobTests.isIn(executor) { foreign.add() }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(log.value == 30 * 31)
    #expect(foreign.value == 0)
  }

  @Test func oneWorkerStartsOneThreadForItsFirstJob() async {
    await #expect(processExitsWith: .success) {
      let executor = try GraphExecutor(workers: 1)
      guard ShutdownTests.hasThreads(0) else { exit(1) }
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<20 { group.addTask(executorPreference: executor) { await Task.yield() } }
      }
      guard executor.threads.withLock({ $0.count }) == 1 else { exit(2) }
    }
  }

  @Test(arguments: [1, 2, 8]) func jobsAfterTheShutdownRunElsewhere(_ workers: Int) async throws {
    let executor = try GraphExecutor(workers: workers)
    let hops = SharedCount()
    let isOn = SharedFlag()
    let long = Task(executorPreference: executor) {
      while !isOn.isSet {
        hops.add()
        await Task.yield()
      }
      // A yield need not suspend; one that does leads away from the executor, and no later one back.
      while JobTests.isIn(executor) { await Task.yield() }
      for _ in 0..<100 { await Task.yield() }
      return JobTests.isIn(executor)
    }
    while hops.value < 10 { await Task.yield() }
    executor.shutdown()
    isOn.set(true)
    #expect(await !long.value)
    let late = Task(executorPreference: executor) { JobTests.isIn(executor) }
    #expect(await !late.value)
  }

  /// Jobs that are enqueued while the executor shuts down are neither lost nor run twice.
  @Test(arguments: [1, 2, 3, 8]) func noJobIsLostInAShutdown(_ workers: Int) async throws {
    for round in 0..<20 {
      let executor = try GraphExecutor(workers: workers)
      let ended = SharedCount()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<50 {
          group.addTask(executorPreference: executor) {
            for _ in 0..<10 { await Task.yield() }
            ended.add()
          }
        }
        group.addTask {
          for _ in 0..<round * 20 { await Task.yield() }
          executor.shutdown()
        }
      }
      #expect(ended.value == 50)
    }
  }

  @Test(arguments: [1, 2, 4]) func aJobMayShutItsExecutorDown(_ workers: Int) async throws {
    let executor = try GraphExecutor(workers: workers)
    let after = await Task(executorPreference: executor) {
      executor.shutdown()
      while JobTests.isIn(executor) { await Task.yield() }
      return JobTests.isIn(executor)
    }.value
    #expect(!after)
  }
}
