import Glibc
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite(.serialized) struct TaskGroupTests {
  struct Boom: Error, Equatable { let number: Int }

  static let sharings = [GraphExecutor.Sharing.always, .whenWorthwhile, .never]

  /// Runs a body as the one task of a graph.
  static func inTask(
    _ executor: GraphExecutor, options: RunOptions = RunOptions(), _ body: @escaping TaskGraphBuilder.Body
  ) throws {
    var dag = TaskGraphBuilder(name: "around")
    dag.add("owner", body: body)
    try executor.run(try dag.build(), options: options)
  }

  /// Adds two tasks in each task, so many levels deep.
  @Sendable static func grow(_ levels: Int, _ log: SharedCount, _ group: borrowing DynamicTaskGroup) {
    log.add()
    if levels == 0 { return }
    for _ in 0..<2 { group.add { group in grow(levels - 1, log, group) } }
  }

  @Test(arguments: sharings) func tasksAddTasks(_ sharing: GraphExecutor.Sharing) throws {
    try withEveryWorkerCount(sharing: sharing) { executor in
      let log = SharedCount()
      for round in 1...4 {
        try Self.inTask(executor) { context in
          try context.withTaskGroup { group in Self.grow(10, log, group) }
          #expect(log.value == round * 2_047)
          try context.withTaskGroup { _ in }
        }
      }
    }
  }

  /// Random dependencies, some on tasks that have ended; bodies check the order in plain memory.
  @Test(arguments: sharings) func dependenciesHold(_ sharing: GraphExecutor.Sharing) throws {
    try withEveryWorkerCount(sharing: sharing) { executor in
      for seed in 0..<10 as Range<UInt64> {
        let dag = RandomDAG(seed: seed, tasks: 400)
        let cells = Cells(dag.taskCount)
        var predecessors = [[Int]](repeating: [], count: dag.taskCount)
        for edge in dag.edges { predecessors[edge.to].append(edge.from) }
        try Self.inTask(executor) { [predecessors] context in
          try context.withTaskGroup { group in
            var handles: [DynamicTask] = []
            for task in 0..<dag.taskCount {
              let mine = predecessors[task]
              handles.append(
                group.add("t\(task)", after: mine.map { handles[$0] }) { group in
                  for other in mine where cells.values[other] != 1 { cells.violations.add() }
                  if task % 13 == 0 { group.add { _ in cells.added.add() } }
                  cells.values[task] += 1
                })
            }
          }
        }
        #expect((0..<dag.taskCount).allSatisfy { cells.values[$0] == 1 })
        #expect(cells.violations.value == 0)
        #expect(cells.added.value == (dag.taskCount + 12) / 13)
      }
    }
  }

  final class Cells: @unchecked Sendable {
    // SAFETY: a cell is written by its task and read by tasks after it only.
    let values: UnsafeMutablePointer<Int>
    let violations = SharedCount()
    let added = SharedCount()
    init(_ count: Int) {
      values = .allocate(capacity: count)
      values.initialize(repeating: 0, count: count)
    }
    deinit { values.deallocate() }
  }

  /// More tasks than deques hold: adders run them themselves, but not deeper than stack and limit allow.
  @Test(arguments: [0, 3, 256]) func fullDequesMakeAddersRunTasks(_ limit: Int) throws {
    for workers in [1, 3] {
      let executor = try GraphExecutor(.init(workers: workers, sharing: .always, nestingLimit: max(1, limit)))
      let log = SharedCount()
      let deepest = SharedCount()
      /// A chain of adders: each adds the next when the deque is full already.
      @Sendable func chain(_ left: Int, _ group: borrowing DynamicTaskGroup) {
        log.add()
        if group.depth > deepest.value { deepest.add(group.depth - deepest.value) }
        if left > 0 { group.add { group in chain(left - 1, group) } }
      }
      try withWatchdog(executor) {
        try Self.inTask(executor) { context in
          try context.withTaskGroup { group in
            for _ in 0..<2_000 { group.add { _ in log.add() } }
            chain(50_000, group)
          }
        }
      }
      #expect(log.value == 52_001)
      if workers == 1 { #expect(deepest.value == max(0, max(1, limit) - 1)) }
    }
  }

  @Test func theFirstErrorSkipsTheRestAndIsThrown() throws {
    try withEveryWorkerCount { executor in
      let late = SharedCount()
      try Self.inTask(executor) { context in
        do {
          try context.withTaskGroup { group in
            let bad = group.add("bad") { _ in throw Boom(number: 3) }
            for _ in 0..<20 { group.add(after: bad) { _ in late.add() } }
          }
          Issue.record("the group did not fail")
        } catch { #expect(error as? Boom == Boom(number: 3)) }
        do {
          try context.withTaskGroup { group in
            group.add { _ in }
            throw Boom(number: 4)
          }
          Issue.record("the group did not fail")
        } catch { #expect(error as? Boom == Boom(number: 4)) }
        // The run around it goes on, and a new group works.
        let isCancelled = context.isCancelled
        #expect(!isCancelled)
        try context.withTaskGroup { group in group.add { _ in late.add() } }
      }
      #expect(late.value == 1)
      var dag = TaskGraphBuilder(name: "around")
      dag.add("owner") { context in
        try context.withTaskGroup { group in group.add { _ in throw Boom(number: 5) } }
      }
      let graph = try dag.build()
      let failure = #expect(throws: RunFailure.self) { try executor.run(graph) }
      #expect(failure?.taskName == "owner")
      #expect(failure?.underlying as? Boom == Boom(number: 5))
    }
  }

  @Test func aTaskOfAnotherGroupIsNoPredecessor() throws {
    let executor = try GraphExecutor(.init(workers: 2, sharing: .always))
    try Self.inTask(executor) { context in
      var foreign: DynamicTask?
      try context.withTaskGroup { group in foreign = group.add { _ in } }
      guard let foreign else { return }
      do {
        try context.withTaskGroup { group in
          group.add(after: foreign) { _ in Issue.record("the group has failed") }
        }
        Issue.record("not refused")
      } catch { #expect((error as? SchedulerError)?.code == .unknownTask) }
    }
  }

  @Test func capturesAreFreedWhateverHappens() throws {
    try withEveryWorkerCount { executor in
      let alive = SharedCount()
      for fails in [false, true] {
        try Self.inTask(executor) { context in
          do {
            try context.withTaskGroup { group in
              for index in 0..<600 {
                let canary = ScriptedGraph.Canary(alive)
                let first = group.add { _ in
                  withExtendedLifetime(canary) {}
                  if fails, index == 100 { throw Boom(number: index) }
                }
                group.add(after: first) { group in
                  group.add { _ in withExtendedLifetime(canary) {} }
                }
              }
            }
            #expect(!fails)
          } catch { #expect(fails) }
          #expect(alive.value == 0)
        }
      }
    }
  }

  @Test func cancellationAndDeadlineReachEveryTask() throws {
    try withEveryWorkerCount { executor in
      for usesDeadline in [false, true] {
        let token = CancellationToken()
        let begun = SharedCount()
        var dag = TaskGraphBuilder()
        dag.add { context in
          do {
            try context.withTaskGroup { group in
              let first = group.add { group in
                if !usesDeadline { token.cancel() }
                while !group.context.isCancelled { usleep(50) }
              }
              for _ in 0..<50 { group.add(after: first) { _ in begun.add() } }
            }
            Issue.record("the group was not cancelled")
          } catch { #expect(error is CancellationError) }
        }
        let graph = try dag.build()
        let options =
          usesDeadline ? RunOptions(deadline: .milliseconds(4)) : RunOptions(cancellation: token)
        let failure = #expect(throws: RunFailure.self) { try executor.run(graph, options: options) }
        #expect(failure?.code == (usesDeadline ? .deadlineExceeded : .cancelled))
        #expect(begun.value == 0)
      }
    }
  }

  /// Groups, loops and graphs in one another, several at once.
  @Test(arguments: sharings) func groupsMixWithEverything(_ sharing: GraphExecutor.Sharing) throws {
    try withEveryWorkerCount(sharing: sharing) { executor in
      let log = SharedCount()
      var inner = TaskGraphBuilder()
      for _ in 0..<5 {
        inner.add { context in
          try context.withTaskGroup { group in for _ in 0..<3 { group.add { _ in log.add() } } }
        }
      }
      let graph = try inner.build()
      var outer = TaskGraphBuilder()
      for _ in 0..<6 {
        outer.add { context in
          try context.withTaskGroup { group in
            for _ in 0..<4 {
              let first = group.add { group in
                try group.context.parallelFor(0..<8, grain: 1) { _, context in
                  try context.withTaskGroup { group in group.add { _ in log.add() } }
                }
              }
              group.add(after: first) { group in try group.context.run(graph) }
              group.add { group in
                try group.context.withTaskGroup { inner in
                  // A task of the outer group, added inside the inner one's body.
                  group.add { group in try group.context.run(graph) }
                  inner.add { _ in log.add() }
                }
              }
            }
          }
        }
      }
      let outerGraph = try outer.build()
      for round in 1...3 {
        try executor.run(outerGraph)
        #expect(log.value == round * 6 * 4 * (8 + 15 + 15 + 1))
      }
    }
  }

  @Test func manyGroupsReuseTheirMemory() throws {
    let executor = try GraphExecutor(.init(workers: 3, sharing: .always))
    let log = SharedCount()
    for _ in 0..<300 {
      try Self.inTask(executor) { context in
        try context.withTaskGroup { group in for _ in 0..<5 { group.add { _ in log.add() } } }
      }
    }
    #expect(log.value == 1_500)
    #expect(executor.core.pointee.stateCount.load(ordering: .relaxed) <= 20)
  }
}
