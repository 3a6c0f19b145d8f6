import Glibc
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

/// Several executors in a process, and runs of one from within tasks of another.
@Suite(.serialized) struct ManyExecutorsTests {
  /// A graph whose tasks run another on the next executor, and so on: A calls B calls A …
  static func chain(
    _ executors: [GraphExecutor], depth: Int, width: Int, log: SharedCount,
    inner: @escaping @Sendable () -> Void = {}
  ) throws -> TaskGraph {
    var graph: TaskGraph?
    for level in 0...depth {
      let executor = executors[(depth - level + 1) % executors.count]
      var builder = TaskGraphBuilder(name: "level \(level)")
      for _ in 0..<width {
        builder.add { [graph] _ in
          log.add()
          inner()
          if let graph { try executor.run(graph) }
        }
      }
      graph = try builder.build()
    }
    guard let graph else { fatalError("no level") }
    return graph
  }

  static func count(depth: Int, width: Int) -> Int { (0...depth).reduce(0) { sum, _ in (sum + 1) * width } }

  @Test(arguments: [1, 2, 3, 8]) func theyCallEachOtherInTurn(_ workers: Int) throws {
    for sharing in [GraphExecutor.Sharing.always, .whenWorthwhile, .never] {
      let executors = try (0..<2).map { _ in
        try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: sharing))
      }
      let log = SharedCount()
      let graph = try ManyExecutorsTests.chain(executors, depth: 4, width: 3, log: log)
      withWatchdog(executors[0], executors[1]) {
        for _ in 0..<4 { _ = try? executors[0].run(graph) }
      }
      #expect(log.value == 4 * ManyExecutorsTests.count(depth: 4, width: 3))
    }
  }

  /// Clients begin at either end, so that each side holds what the other wants: slots are lent, so that nobody waits for ever.
  @Test(arguments: [1, 2, 3, 8]) func theyCallEachOtherCrosswise(_ workers: Int) async throws {
    let executors = try (0..<3).map { index in
      try GraphExecutor(
        GraphExecutor.Configuration(workers: workers, sharing: index == 1 ? .whenWorthwhile : .always))
    }
    let log = SharedCount()
    let computing = executors.map { _ in SharedCount() }
    let tooMany = SharedCount()
    let graphs = try (0..<6).map { client in
      let rotated = (0..<3).map { executors[(client % 2 == 0 ? client + $0 : client + 3 - $0) % 3] }
      return (
        rotated[0],
        try ManyExecutorsTests.chain(rotated, depth: 3, width: 2, log: log) {
          // The bound holds for what computes: those that wait elsewhere have lent their slots.
          for (index, executor) in executors.enumerated() where JobTests.isIn(executor) {
            if computing[index].add() > workers { tooMany.add() }
            JobTests.compute(100)
            computing[index].remove()
          }
        }
      )
    }
    let ended = SharedCount()
    for client in 0..<6 {
      startThread {
        for _ in 0..<10 { _ = try? graphs[client].0.run(graphs[client].1) }
        ended.add()
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for (executor, graph) in graphs {
        group.addTask { for _ in 0..<5 { _ = try? await executor.run(graph) } }
        group.addTask(executorPreference: executor) {
          for _ in 0..<5 { _ = try? executor.runBlockingForTest(graph) }
        }
      }
    }
    while ended.value < 6 { await Task.yield() }
    #expect(log.value == 6 * 20 * ManyExecutorsTests.count(depth: 3, width: 2))
    #expect(tooMany.value == 0)
  }

  /// After a run on another executor the thread is where it was: same slot, same worker, nested runs as before.
  @Test(arguments: [1, 2, 8]) func theThreadGetsItsSlotBack(_ workers: Int) throws {
    let outer = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
    let inner = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
    let wrong = SharedCount()
    var leaf = TaskGraphBuilder()
    for _ in 0..<20 { leaf.add { _ in JobTests.compute(100) } }
    let leafGraph = try leaf.build()
    var builder = TaskGraphBuilder()
    for _ in 0..<12 {
      builder.add { context in
        let worker = context.workerIndex
        guard let slot = outer.core.pointee.heldSlot(), slot.pointee.index == worker else {
          wrong.add()
          return
        }
        let run = slot.pointee.current
        try inner.run(leafGraph)
        if outer.core.pointee.heldSlot() != slot || slot.pointee.current != run { wrong.add() }
        // A nested run, which finds the slot.
        try outer.run(leafGraph)
        try context.run(leafGraph)
        if outer.core.pointee.heldSlot() != slot || slot.pointee.current != run { wrong.add() }
      }
    }
    let graph = try builder.build()
    withWatchdog(outer, inner) {
      onThreads(5) { _ in for _ in 0..<10 where (try? outer.run(graph)) == nil { wrong.add() } }
    }
    #expect(wrong.value == 0)
  }

  @Test func eightOfFourThreadsEach() throws {
    let executors = try (0..<8).map { _ in
      try GraphExecutor(GraphExecutor.Configuration(workers: 4, sharing: .always))
    }
    let log = SharedCount()
    var builder = TaskGraphBuilder()
    for _ in 0..<100 { builder.add { _ in log.add() } }
    let graph = try builder.build()
    onThreads(16) { client in for round in 0..<20 { _ = try? executors[(client + round) % 8].run(graph) } }
    #expect(log.value == 16 * 20 * 100)
    let all = GraphExecutor.describeAll()
    #expect(all.split(separator: "\n").filter { $0.hasPrefix("executor: 4 slots") }.count >= 8)
  }
}
