import Glibc
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite(.serialized) struct CallerTests {
  /// Several threads run graphs at once; slots are never shared by two threads that compute, nor are there more than n.
  @Test func callersTakeWorkersPlaces() throws {
    try withEveryWorkerCount { executor in
      let computing = SharedCount()
      let tooMany = SharedCount()
      let clashes = SharedCount()
      let inside = (0..<executor.workerCount).map { _ in SharedCount() }
      let limit = executor.workerCount
      let graphs = try (0..<5).map { seed in
        let dag = RandomDAG(seed: UInt64(seed), tasks: 150)
        var builder = TaskGraphBuilder()
        for _ in 0..<dag.taskCount {
          builder.add { context in
            if computing.add() > limit { tooMany.add() }
            if inside[context.workerIndex].add() > 1 { clashes.add() }
            var sum = 0
            for step in 0..<200 { sum &+= step &* step }
            if sum == -1 { clashes.add() }
            inside[context.workerIndex].remove()
            computing.remove()
          }
        }
        for edge in dag.edges { builder.precede(TaskID(edge.from), TaskID(edge.to)) }
        return try builder.build()
      }
      let done = SharedCount()
      onThreads(5) { caller in
        for _ in 0..<8 where (try? executor.run(graphs[caller])) != nil { done.add() }
      }
      #expect(done.value == 40)
      #expect(tooMany.value == 0)
      #expect(clashes.value == 0)
    }
  }

  @Test func oneGraphRunsSeveralTimesAtOnce() throws {
    try withEveryWorkerCount { executor in
      let log = SharedCount()
      let dag = RandomDAG(seed: 3, tasks: 200)
      var builder = TaskGraphBuilder()
      for _ in 0..<200 { builder.add { _ in log.add() } }
      for edge in dag.edges { builder.precede(TaskID(edge.from), TaskID(edge.to)) }
      let graph = try builder.build()
      onThreads(4) { _ in for _ in 0..<10 { _ = try? executor.run(graph) } }
      #expect(log.value == 8_000)
    }
  }

  @Test func theArgumentReachesEveryBody() throws {
    try withEveryWorkerCount { executor in
      var value = 42
      let wrong = SharedCount()
      var builder = TaskGraphBuilder()
      for index in 0..<30 {
        builder.add { context in
          if context.argument?.assumingMemoryBound(to: Int.self).pointee != 42 { wrong.add() }
          if context.task != TaskID(index) { wrong.add() }
        }
      }
      let graph = try builder.build()
      try withUnsafeMutablePointer(to: &value) { _ = try executor.run(graph, argument: $0) }
      #expect(wrong.value == 0)
    }
  }

  @Test func manyGraphsShareFewRunStates() throws {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: 2, sharing: .always))
    for size in 1...60 {
      let probe = try OrderProbe(RandomDAG(seed: UInt64(size), tasks: size * 5), seed: 1, delays: false)
      try executor.run(probe.graph)
      try executor.run(probe.graph)
      #expect(probe.holds(afterRuns: 2))
    }
    #expect(executor.core.pointee.stateCount.load(ordering: .relaxed) <= 20)
  }

  @Test func theFloatingPointEnvironmentIsTheSameEverywhereAndGivenBack() throws {
    let before = fegetround()
    fesetround(FE_UPWARD)
    defer { fesetround(before) }
    try withEveryWorkerCount { executor in
      let wrong = SharedCount()
      var builder = TaskGraphBuilder()
      for _ in 0..<64 {
        builder.add { _ in
          let smallest = Float.leastNormalMagnitude
          if opaque(smallest) * opaque(0.5) != 0 { wrong.add() }
          if opaque(1) + opaque(0x1p-30) != 1 { wrong.add() }
          if fegetround() != FE_TONEAREST { wrong.add() }
        }
      }
      try executor.run(try builder.build())
      #expect(wrong.value == 0)
      #expect(fegetround() == FE_UPWARD)
      #expect(opaque(Float.leastNormalMagnitude) * opaque(0.5) != 0)
    }
    let exact = try GraphExecutor(GraphExecutor.Configuration(workers: 2, flushesSubnormals: false))
    var builder = TaskGraphBuilder()
    let kept = SharedCount()
    builder.add { _ in if opaque(Float.leastNormalMagnitude) * opaque(0.5) != 0 { kept.add() } }
    try exact.run(try builder.build())
    #expect(kept.value == 1)
  }
}

/// A number that the compiler does not know.
@inline(never) private func opaque(_ value: Float) -> Float {
  withUnsafePointer(to: value) { UnsafeRawPointer($0).loadUnaligned(as: Float.self) }
}
