import Glibc
import Testing
import TributaryScheduler
import TributaryTestSupport

/// A run's deadline reaches everything inside it: what has not begun by then is skipped, and nothing is stuck.
@Suite(.serialized) struct DeadlineTests {
  /// What a task spends its time on while the deadline passes.
  enum Inside: CaseIterable {
    case nestedRun, runOfTheExecutor, loop, group, semaphore, loopInGroupInRun
  }

  /// Does something that begins `late` only after the deadline, if it is not reached by it.
  static func spend(
    _ inside: Inside, _ executor: GraphExecutor, _ late: SharedCount, _ context: borrowing TaskContext
  ) throws {
    switch inside {
    case .nestedRun: try context.run(try graph(late))
    case .runOfTheExecutor: try executor.run(try graph(late))
    case .loop:
      try context.parallelFor(0..<20_000, grain: 1) { range, context in
        if range.lowerBound < executor.workerCount { waitForTheEnd(context) } else { late.add() }
      }
    case .group:
      try context.withTaskGroup { group in
        let first = group.add { group in waitForTheEnd(group.context) }
        for _ in 0..<20 { group.add(after: first) { _ in late.add() } }
      }
    case .semaphore:
      // The unit is held by a task of a run that ends with the deadline, around the one that wants it.
      let semaphore = TaskSemaphore(1)
      var inner = TaskGraphBuilder()
      inner.add(acquiring: [semaphore]) { _ in late.add() }
      let innerGraph = try inner.build()
      var outer = TaskGraphBuilder()
      outer.add(acquiring: [semaphore]) { context in try context.run(innerGraph) }
      try context.run(try outer.build())
    case .loopInGroupInRun:
      var dag = TaskGraphBuilder()
      dag.add { context in
        try context.withTaskGroup { group in
          group.add { group in try spend(.loop, executor, late, group.context) }
        }
      }
      try context.run(try dag.build())
    }
  }

  private static func graph(_ late: SharedCount) throws -> TaskGraph {
    var dag = TaskGraphBuilder()
    let first = dag.add { context in waitForTheEnd(context) }
    for _ in 0..<20 { dag.add(after: first) { _ in late.add() } }
    return try dag.build()
  }

  private static func waitForTheEnd(_ context: borrowing TaskContext) {
    while !context.isCancelled { usleep(50) }
  }

  @Test(arguments: Inside.allCases, [GraphExecutor.Sharing.always, .never])
  func aDeadlineReaches(_ inside: Inside, _ sharing: GraphExecutor.Sharing) throws {
    try withEveryWorkerCount(sharing: sharing) { executor in
      let late = SharedCount()
      var dag = TaskGraphBuilder(name: "around")
      let first = dag.add { context in try Self.spend(inside, executor, late, context) }
      dag.add(after: first) { _ in late.add() }
      let graph = try dag.build()
      for _ in 0..<2 {
        let failure = #expect(throws: RunFailure.self) {
          try executor.run(graph, options: RunOptions(deadline: .milliseconds(3)))
        }
        #expect(failure?.code == .deadlineExceeded)
        #expect(late.value == 0)
      }
    }
  }
}
