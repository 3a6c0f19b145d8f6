import Testing
import TributaryScheduler
import TributaryTestSupport

@Suite(.serialized) struct NestingTests {
  struct Boom: Error {}

  @Test func nestedRunsRunWholeAndOnce() throws {
    try withEveryWorkerCount { executor in
      let inner = try OrderProbe(RandomDAG(seed: 5, tasks: 60), seed: 5)
      let log = SharedCount()
      var builder = TaskGraphBuilder(name: "outer")
      var last: [TaskID] = []
      for _ in 0..<6 {
        last = [
          builder.add("nests", after: last) { context in
            let report = try context.run(inner.graph)
            if report.tasksRun == 60 { log.add() }
          }
        ]
        for _ in 0..<5 { builder.add { _ in log.add() } }
      }
      let graph = try builder.build()
      for round in 1...4 {
        try executor.run(graph)
        #expect(log.value == 36 * round)
        #expect(inner.holds(afterRuns: 6 * round))
      }
    }
  }

  @Test func manyLevelsDeepAndSideBySide() throws {
    func nest(_ depth: Int, _ log: SharedCount) throws -> TaskGraph {
      let inner = depth > 0 ? try nest(depth - 1, log) : nil
      var builder = TaskGraphBuilder(name: "level \(depth)")
      for _ in 0..<3 {
        builder.add { context in
          log.add()
          if let inner { try context.run(inner) }
        }
      }
      return try builder.build()
    }
    try withEveryWorkerCount { executor in
      let log = SharedCount()
      let graph = try nest(4, log)
      try executor.run(graph)
      #expect(log.value == 3 + 9 + 27 + 81 + 243)
    }
  }

  @Test func callingTheExecutorFromATaskNestsToo() throws {
    try withEveryWorkerCount { executor in
      let log = SharedCount()
      var inner = TaskGraphBuilder()
      for _ in 0..<20 { inner.add { _ in log.add() } }
      let innerGraph = try inner.build()
      var outer = TaskGraphBuilder()
      for _ in 0..<8 { outer.add { _ in try executor.run(innerGraph) } }
      try executor.run(try outer.build())
      #expect(log.value == 160)
    }
  }

  @Test func twoExecutorsMayCallEachOther() throws {
    let a = try GraphExecutor(GraphExecutor.Configuration(workers: 1, sharing: .always))
    let b = try GraphExecutor(GraphExecutor.Configuration(workers: 2, sharing: .always))
    let log = SharedCount()
    var leaf = TaskGraphBuilder()
    for _ in 0..<10 { leaf.add { _ in log.add() } }
    let leafGraph = try leaf.build()
    var middle = TaskGraphBuilder()
    middle.add { _ in try a.run(leafGraph) }
    let middleGraph = try middle.build()
    var outer = TaskGraphBuilder()
    outer.add { _ in try b.run(middleGraph) }
    let outerGraph = try outer.build()
    try withWatchdog(a, b) { _ = try a.run(outerGraph) }
    #expect(log.value == 10)
  }

  @Test func anInnerErrorIsTheBodysToHandle() throws {
    try withEveryWorkerCount { executor in
      var inner = TaskGraphBuilder(name: "inner")
      inner.add("bad") { _ in throw Boom() }
      let innerGraph = try inner.build()
      var outer = TaskGraphBuilder(name: "outer")
      outer.add("caught") { context in
        do {
          try context.run(innerGraph)
          Issue.record("the inner run did not fail")
        } catch { #expect((error as? RunFailure)?.taskName == "bad") }
      }
      try executor.run(try outer.build())
      var rethrowing = TaskGraphBuilder(name: "rethrowing")
      rethrowing.add("outer task") { context in try context.run(innerGraph) }
      let graph = try rethrowing.build()
      let failure = #expect(throws: RunFailure.self) { try executor.run(graph) }
      #expect(failure?.taskName == "outer task")
      #expect((failure?.underlying as? RunFailure)?.taskName == "bad")
    }
  }

  @Test func cancellingReachesNestedRuns() throws {
    try withEveryWorkerCount { executor in
      let token = CancellationToken()
      let log = SharedCount()
      var inner = TaskGraphBuilder()
      let first = inner.add { _ in token.cancel() }
      for _ in 0..<10 { inner.add(after: first) { _ in log.add() } }
      let innerGraph = try inner.build()
      var outer = TaskGraphBuilder()
      outer.add { context in
        do {
          try context.run(innerGraph)
          Issue.record("the inner run was not cancelled")
        } catch { #expect((error as? RunFailure)?.code == .cancelled) }
      }
      let graph = try outer.build()
      let failure = #expect(throws: RunFailure.self) {
        try executor.run(graph, options: RunOptions(cancellation: token))
      }
      #expect(failure?.code == .cancelled)
      #expect(log.value == 0)
    }
  }

  @Test func loopsCoverTheirRangeOnce() throws {
    try withEveryWorkerCount { executor in
      let counts = (0..<1000).map { _ in SharedCount() }
      var builder = TaskGraphBuilder()
      for part in 0..<4 {
        builder.add { context in
          try context.parallelFor(part * 250..<(part + 1) * 250, grain: 7) { range in
            #expect((range.lowerBound - part * 250) % 7 == 0)
            for index in range { counts[index].add() }
          }
          try context.parallelFor(5..<5, grain: 1) { _ in Issue.record("an empty range has no chunks") }
          try context.parallelFor(0..<3, grain: -4) { range in #expect(range.count == 1) }
        }
      }
      let graph = try builder.build()
      for round in 1...5 {
        try executor.run(graph)
        #expect(counts.allSatisfy { $0.value == round })
      }
    }
  }

  @Test func aLoopsErrorAndItsRunsCancellationEndIt() throws {
    try withEveryWorkerCount { executor in
      let log = SharedCount()
      let token = CancellationToken()
      var builder = TaskGraphBuilder()
      builder.add("loop") { context in
        do {
          try context.parallelFor(0..<100, grain: 1) { range in if range.contains(3) { throw Boom() } }
          Issue.record("the loop did not fail")
        } catch { #expect(error is Boom) }
        try context.parallelFor(0..<100_000, grain: 1) { range in
          log.add()
          if range.lowerBound == 10 { token.cancel() }
        }
      }
      let graph = try builder.build()
      let failure = #expect(throws: RunFailure.self) {
        try executor.run(graph, options: RunOptions(cancellation: token))
      }
      #expect(failure != nil)
      #expect(log.value < 100_000)
    }
  }
}
