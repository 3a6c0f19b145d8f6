import Testing
import TributaryScheduler
import TributaryTestSupport

@Suite(.serialized) struct AsyncTests {
  @Test(arguments: testedWorkerCounts) func manyRunsSuspendAndReturn(_ workers: Int) async throws {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
    let log = SharedCount()
    let dag = RandomDAG(seed: 11, tasks: 100)
    var builder = TaskGraphBuilder()
    for _ in 0..<100 { builder.add { _ in log.add() } }
    for edge in dag.edges { builder.precede(TaskID(edge.from), TaskID(edge.to)) }
    let graph = try builder.build()
    let reports = try await withThrowingTaskGroup(of: RunReport.self) { group in
      for _ in 0..<20 { group.addTask { try await executor.run(graph) } }
      return try await group.reduce(into: [RunReport]()) { $0.append($1) }
    }
    #expect(reports.count == 20)
    #expect(reports.allSatisfy { $0.tasksRun == 100 && $0.workers == workers })
    #expect(log.value == 2_000)
  }

  @Test func failuresAndCancellationArrive() async throws {
    struct Boom: Error {}
    let executor = try GraphExecutor(workers: 2)
    var bad = TaskGraphBuilder()
    bad.add("bad") { _ in throw Boom() }
    let badGraph = try bad.build()
    let failure = await #expect(throws: RunFailure.self) { try await executor.run(badGraph) }
    #expect(failure?.taskName == "bad")

    let started = SharedFlag()
    var endless = TaskGraphBuilder()
    endless.add("endless") { context in
      started.set(true)
      while !context.isCancelled {}
    }
    let endlessGraph = try endless.build()
    let task = Task { try await executor.run(endlessGraph) }
    while !started.isSet { await Task.yield() }
    task.cancel()
    let cancelled = await #expect(throws: RunFailure.self) { _ = try await task.value }
    #expect(cancelled?.code == .cancelled)
  }

  @Test func blockingAndSuspendingCallersMix() async throws {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: 1, sharing: .always))
    let log = SharedCount()
    var builder = TaskGraphBuilder()
    for _ in 0..<50 { builder.add { _ in log.add() } }
    let graph = try builder.build()
    async let suspended = executor.run(graph)
    _ = try executor.runBlockingForTest(graph)
    _ = try await suspended
    #expect(log.value == 100)
  }
}
