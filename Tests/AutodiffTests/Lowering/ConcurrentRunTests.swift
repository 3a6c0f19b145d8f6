import Testing
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryAutodiff

@Suite(.serialized) struct ConcurrentRunTests {
  @Test func readersRunTogetherAndAgree() async throws {
    let g = GraphBuilder()
    let x = g.input("x", [16, 16])
    let w = g.parameter("w", [16, 16], initial: .normal(0.3))
    var y = x
    for _ in 0..<6 { y = tanh(matmul(y, w)) + x }
    let h = y
    let executable = try Executable(
      graph: g.graph(fetching: [h]), fetching: [h], options: CompileOptions(granularity: .finest))
    let store = ParameterStore(executable, seed: 1)
    let feeds = try (0..<4).map { try Model.noise([16, 16], stream: $0) }
    var alone: [[UInt8]] = []
    for feed in feeds {
      alone.append(try await executable.run(on: Executors.all[1], store, feeding: [x: feed])[h].bytes)
    }
    let expected = alone
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for run in 0..<32 {
        group.addTask {
          let executor = Executors.all[run % 4 == 0 ? 2 : 1]
          let output = try await executable.run(on: executor, store, feeding: [x: feeds[run % 4]])[h]
          return output.bytes == expected[run % 4]
        }
      }
      for try await agrees in group { #expect(agrees) }
    }
  }

  @Test func stepsOnOneStoreTakeTurns() async throws {
    let g = GraphBuilder()
    let t = g.state("t", TensorType(.float64, [64]), initial: .constant(0))
    let next = t * 0.5 + 1.0
    let graph = try g.graph(
      fetching: [t, t.afterStep], updating: Update([.init(state: t, value: next)]))
    let executable = try Executable(
      graph: graph, fetching: [t, t.afterStep], options: CompileOptions(granularity: .finest))
    let store = ParameterStore(executable, seed: 1)
    var expected = 0.0
    for _ in 0..<40 { expected = expected * 0.5 + 1 }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for run in 0..<40 {
        group.addTask {
          let outputs = try await executable.run(on: Executors.all[1 + run % 3], store)
          let (before, after) = (
            try outputs[t].elements(Double.self), try outputs[t.afterStep].elements(Double.self)
          )
          #expect(Set(before).count == 1)
          #expect(after.allSatisfy { $0 == before[0] * 0.5 + 1 })
        }
      }
      try await group.waitForAll()
    }
    #expect(try store.tensor(named: "t").elements(Double.self).allSatisfy { $0 == expected })
  }

  @Test func sharedArenasServeSeveralExecutables() throws {
    let pool = ArenaPool()
    let large = try Executable(
      graph: Model.perceptron([32, 64, 10], batch: 128).graph, options: CompileOptions(arenaPool: pool))
    let small = try Executable(
      graph: Model.perceptron([32, 64, 10], batch: 96).graph, options: CompileOptions(arenaPool: pool))
    let store = ParameterStore(large, seed: 1)
    for _ in 0..<3 {
      for executable in [large, small] {
        let model = try Model.perceptron([32, 64, 10], batch: executable === large ? 128 : 96)
        _ = try executable.run(on: Executors.one, store, feedingByName: model.feeds)
      }
    }
    #expect(pool.idleBytes >= large.plan.arenaBytes)
    #expect(pool.idleBytes < large.plan.arenaBytes + small.plan.arenaBytes + 8192)
  }

  @Test func preparedRunsRunInsideTasksOfOthers() throws {
    let model = try Model.seedDAG(8)
    let executable = try Executable(graph: model.graph, options: CompileOptions(granularity: .finest))
    let store = ParameterStore(executable, seed: 1)
    let start = try store.snapshot()
    for executor in Executors.all {
      try store.restore(start)
      nonisolated(unsafe) let prepared = try executable.prepare(on: executor, store)
      for (name, tensor) in model.feeds { try prepared.feed(named: name, tensor) }
      try prepared.run()
      let direct = prepared.tensor(at: 0).bytes
      try store.restore(start)
      var outer = TaskGraphBuilder()
      outer.add("step") { context in _ = try prepared.run(in: context) }
      outer.add("beside") { _ in }
      _ = try executor.run(outer.build())
      #expect(prepared.tensor(at: 0).bytes == direct)
    }
  }

  @Test func aRunNestedTooDeepIsRefusedAndChangesNothing() throws {
    let model = try Model.seedDAG(8)
    let executable = try Executable(graph: model.graph, options: CompileOptions(granularity: .finest))
    let store = ParameterStore(executable, seed: 1)
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: 1, nestingLimit: 0))
    nonisolated(unsafe) let prepared = try executable.prepare(on: executor, store)
    for (name, tensor) in model.feeds { try prepared.feed(named: name, tensor) }
    var outer = TaskGraphBuilder()
    outer.add("step") { context in
      do throws(RunError) {
        try prepared.run(in: context)
        Issue.record("not refused")
      } catch {
        #expect(error.code == .nestingTooDeep)
        #expect(error.message.contains("nestingLimit"))
      }
    }
    try executor.run(outer.build())
    try prepared.run()
  }
}
