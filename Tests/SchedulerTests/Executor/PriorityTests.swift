import Glibc
import Testing
import TributaryScheduler
import TributaryTestSupport

/// Who takes which task first, where two threads are made to meet in one way only.
@Suite(.serialized) struct PriorityTests {
  static func executor() throws -> GraphExecutor { try GraphExecutor(.init(workers: 2, sharing: .always)) }

  static func pause(until condition: () -> Bool) { while !condition() { usleep(20) } }

  @Test func thievesGetTheHighestOfABatchAndInversionsAreCounted() throws {
    let executor = try Self.executor()
    let order = Locked<[String]>([])
    let isReleased = SharedFlag()
    var dag = TaskGraphBuilder()
    let first = dag.add("first", cost: .microseconds(500)) { _ in }
    // The leader takes "first", the other thread this one, and then has to steal.
    dag.add("other", cost: .microseconds(1)) { _ in Self.pause { isReleased.isSet } }
    func add(_ name: String, _ cost: Double) {
      dag.add(name, after: first, cost: .microseconds(cost)) { _ in order.withLock { $0.append(name) } }
    }
    add("low", 10)
    dag.add("best", after: first, cost: .microseconds(100)) { _ in
      isReleased.set(true)
      Self.pause { order.withLock { $0.count } == 3 }
    }
    add("high", 90)
    add("middle", 50)
    let graph = try dag.build()
    for _ in 0..<20 {
      order.withLock { $0 = [] }
      isReleased.set(false)
      let report = try withWatchdog(executor) { try executor.run(graph) }
      // "high" was moved to the thieves' end, where "low" had been before it.
      #expect(order.withLock { $0 } == ["high", "low", "middle"])
      #expect(report.steals == 3)
      #expect(report.priorityInversions == 1)
    }
  }

  @Test func rootsFallInRankFromBothEnds() throws {
    let executor = try Self.executor()
    let order = Locked<[Int]>([])
    let isTaken = SharedFlag()
    var dag = TaskGraphBuilder()
    for index in 0..<42 {
      dag.add("\(index)", cost: .microseconds(Double(1_000 - index))) { _ in
        switch index {
        case 0: Self.pause { isTaken.isSet }
        case 1:
          // This thread has taken roots 1 to 5, an eighth of those left, and lets the leader steal 2 to 5.
          isTaken.set(true)
          Self.pause { order.withLock { $0.count } == 4 }
        case 2...5: order.withLock { $0.append(index) }
        default: break
        }
      }
    }
    let graph = try dag.build()
    for _ in 0..<20 {
      order.withLock { $0 = [] }
      isTaken.set(false)
      try withWatchdog(executor) { _ = try executor.run(graph) }
      #expect(order.withLock { $0 } == [2, 4, 5, 3])
    }
  }

  @Test func oneWorkerStealsNothing() throws {
    let executor = try GraphExecutor(.init(workers: 1, sharing: .always))
    let probe = try OrderProbe(RandomDAG(seed: 3, tasks: 300), seed: 3, delays: false)
    let report = try executor.run(probe.graph)
    #expect(report.steals == 0 && report.priorityInversions == 0)
  }
}
