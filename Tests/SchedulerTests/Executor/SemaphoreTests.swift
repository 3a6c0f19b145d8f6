import Glibc
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite(.serialized) struct SemaphoreTests {
  struct Boom: Error {}

  static let sharings = [GraphExecutor.Sharing.always, .whenWorthwhile, .never]

  /// Counts who is inside and remembers whether they were ever too many.
  final class Room: Sendable {
    let semaphore: TaskSemaphore
    private let inside = SharedCount()
    let excess = SharedCount()
    let visits = SharedCount()

    init(_ limit: Int) { semaphore = TaskSemaphore(limit) }

    func visit(_ spins: Int = 100) {
      if inside.add() > semaphore.limit { excess.add() }
      var sum = 0
      for step in 0..<spins { sum &+= step &* step }
      if sum == -1 { excess.add() }
      visits.add()
      inside.remove()
    }

    var isSound: Bool { excess.value == 0 && semaphore.available == semaphore.limit }
  }

  /// Holds all units of a semaphore from a thread and an executor of its own, until told otherwise.
  final class Holder: Sendable {
    private let isHeld = SharedFlag()
    private let isOver = SharedFlag()
    private let mayEnd = SharedFlag()

    init(_ semaphore: TaskSemaphore) throws {
      let executor = try GraphExecutor(workers: 1)
      let (isHeld, mayEnd) = (isHeld, mayEnd)
      // Each task holds a unit and waits for a nested run of the next one's.
      func nested(_ left: Int) throws -> TaskGraph {
        let inner = left > 1 ? try nested(left - 1) : nil
        var dag = TaskGraphBuilder(name: "holder")
        dag.add(acquiring: [semaphore]) { context in
          if let inner { try context.run(inner) } else { isHeld.set(true) }
          while !mayEnd.isSet { usleep(100) }
        }
        return try dag.build()
      }
      let graph = try nested(semaphore.limit)
      let isOver = isOver
      let thread = ThreadBox {
        _ = try? executor.run(graph)
        isOver.set(true)
      }
      thread.start()
      while !isHeld.isSet { usleep(100) }
    }

    func letGo() {
      mayEnd.set(true)
      while !isOver.isSet { usleep(100) }
    }
  }

  final class ThreadBox: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    func start() {
      var handle = pthread_t()
      // SAFETY: the thread takes the reference over.
      let raw = Unmanaged.passRetained(self).toOpaque()
      let code = pthread_create(
        &handle, nil,
        { raw in
          if let raw { Unmanaged<ThreadBox>.fromOpaque(raw).takeRetainedValue().body() }
          return nil
        }, raw)
      precondition(code == 0)
      pthread_detach(handle)
    }
  }

  @Test(arguments: sharings) func noMoreTasksRunThanThereAreUnits(_ sharing: GraphExecutor.Sharing) throws {
    for limit in [1, 2, 5] {
      let room = Room(limit)
      var dag = TaskGraphBuilder()
      let first = dag.add { _ in }
      for index in 0..<120 {
        let task = dag.add("t\(index)", after: index % 2 == 0 ? [first] : [], acquiring: [room.semaphore]) {
          _ in
          room.visit()
        }
        dag.add(after: task) { _ in }
      }
      let graph = try dag.build()
      try withEveryWorkerCount(sharing: sharing) { executor in
        room.visits.reset()
        for _ in 0..<6 { try executor.run(graph) }
        #expect(room.visits.value == 720)
        #expect(room.isSound)
      }
    }
  }

  /// Two executors and several callers, several graphs, tasks with several semaphores in any order.
  @Test func semaphoresAreSharedByRunsAndExecutors() throws {
    for workers in [1, 2, 3, 8, 32] {
      let executors = [
        try GraphExecutor(.init(workers: workers, sharing: .always)),
        try GraphExecutor(.init(workers: max(1, workers / 2), sharing: .whenWorthwhile)),
      ]
      let rooms = [Room(1), Room(2), Room(3)]
      var random = SplitMix64(seed: UInt64(workers))
      let expected = SharedCount()
      let graphs = try (0..<4).map { _ in
        var dag = TaskGraphBuilder()
        for index in 0..<80 {
          let chosen = rooms.shuffled(using: &random).prefix(.random(in: 1...3, using: &random))
          expected.add(chosen.count)
          let after =
            index > 10 && index % 3 == 0 ? [TaskID(index - Int.random(in: 1...9, using: &random))] : []
          dag.add("", after: after, acquiring: chosen.map(\.semaphore)) { _ in
            for room in chosen { room.visit(30) }
          }
        }
        return try dag.build()
      }
      withWatchdog(executors[0], executors[1]) {
        onThreads(4) { caller in
          for _ in 0..<10 { _ = try? executors[caller % 2].run(graphs[caller]) }
        }
      }
      #expect(rooms.reduce(0) { $0 + $1.visits.value } == 10 * expected.value)
      #expect(rooms.allSatisfy { $0.isSound })
    }
  }

  @Test func waitingTasksGoInTheOrderTheyCame() throws {
    for sharing in Self.sharings {
      let semaphore = TaskSemaphore(1)
      let holder = try Holder(semaphore)
      let executor = try GraphExecutor(.init(workers: 1, sharing: sharing))
      let order = Locked<[Int]>([])
      var dag = TaskGraphBuilder()
      let last = (0..<20).map { index in
        // Roots go by rank, so that they come in this order.
        dag.add(acquiring: [semaphore], cost: .microseconds(Double(100 - index))) { _ in
          order.withLock { $0.append(index) }
        }
      }
      let free = dag.add(cost: .nanoseconds(1)) { _ in holder.letGo() }
      dag.add("", after: last + [free]) { _ in }
      let graph = try dag.build()
      try withWatchdog(executor) { _ = try executor.run(graph) }
      #expect(order.withLock { $0 } == Array(0..<20))
    }
  }

  /// A task that waits holds nothing: another run that its thread must finish first can have the unit.
  @Test func aWaitingTaskNeverStandsInTheWayOfANestedRun() throws {
    for workers in [1, 2, 3] {
      for sharing in Self.sharings {
        let semaphore = TaskSemaphore(1)
        let holder = try Holder(semaphore)
        let executor = try GraphExecutor(.init(workers: workers, sharing: sharing))
        let log = SharedCount()
        var inner = TaskGraphBuilder(name: "inner")
        for _ in 0..<3 { inner.add(acquiring: [semaphore]) { _ in log.add() } }
        let innerGraph = try inner.build()
        var dag = TaskGraphBuilder(name: "outer")
        for _ in 0..<3 { dag.add(acquiring: [semaphore], cost: .microseconds(9)) { _ in log.add() } }
        dag.add(cost: .microseconds(1)) { context in
          try context.run(innerGraph)
          log.add()
        }
        let graph = try dag.build()
        ThreadBox {
          usleep(3_000)
          holder.letGo()
        }.start()
        try withWatchdog(executor) { _ = try executor.run(graph) }
        #expect(log.value == 7)
      }
    }
  }

  @Test func unitsComeBackFromBodiesThatThrow() throws {
    for sharing in Self.sharings {
      try withEveryWorkerCount(sharing: sharing) { executor in
        let rooms = [Room(1), Room(2)]
        let fails = SharedFlag()
        var dag = TaskGraphBuilder()
        for index in 0..<60 {
          dag.add("t\(index)", after: [], acquiring: rooms.map(\.semaphore)) { _ in
            rooms[0].visit()
            if index == 20, fails.isSet { throw Boom() }
          }
        }
        let graph = try dag.build()
        for round in 0..<6 {
          rooms[0].visits.reset()
          fails.set(round % 2 == 0)
          do {
            try executor.run(graph)
            #expect(round % 2 == 1)
            #expect(rooms[0].visits.value == 60)
          } catch {
            #expect((error as? RunFailure)?.taskName == "t20")
            #expect(rooms[0].visits.value <= 60)
          }
          #expect(rooms.allSatisfy { $0.isSound })
        }
      }
    }
  }

  @Test func waitingTasksAreSkippedWhenTheDeadlinePassesOrTheRunIsCancelled() throws {
    for sharing in Self.sharings {
      try withEveryWorkerCount(sharing: sharing) { executor in
        let semaphore = TaskSemaphore(2)
        let holder = try Holder(semaphore)
        let log = SharedCount()
        var dag = TaskGraphBuilder()
        let stuck = (0..<10).map { _ in dag.add(acquiring: [semaphore]) { _ in log.add() } }
        dag.add("", after: stuck) { _ in log.add() }
        let graph = try dag.build()
        let late = #expect(throws: RunFailure.self) {
          try executor.run(graph, options: RunOptions(deadline: .milliseconds(5)))
        }
        #expect(late?.code == .deadlineExceeded)
        let token = CancellationToken()
        ThreadBox {
          usleep(3_000)
          token.cancel()
        }.start()
        let cancelled = #expect(throws: RunFailure.self) {
          try executor.run(graph, options: RunOptions(cancellation: token))
        }
        #expect(cancelled?.code == .cancelled)
        var outer = TaskGraphBuilder()
        outer.add { context in try context.run(graph) }
        let outerGraph = try outer.build()
        let nested = #expect(throws: RunFailure.self) {
          try executor.run(outerGraph, options: RunOptions(deadline: .milliseconds(5)))
        }
        #expect(nested?.code == .deadlineExceeded)
        #expect(log.value == 0)
        holder.letGo()
        try executor.run(graph)
        #expect(log.value == 11)
        #expect(semaphore.available == 2)
      }
    }
  }

  @Test func suspendedCallersWaitAndAreReleasedToo() async throws {
    for workers in [1, 2, 8] {
      let executor = try GraphExecutor(.init(workers: workers, sharing: .always))
      let semaphore = TaskSemaphore(1)
      let holder = try Holder(semaphore)
      let log = SharedCount()
      var dag = TaskGraphBuilder()
      for _ in 0..<10 { dag.add(acquiring: [semaphore]) { _ in log.add() } }
      let graph = try dag.build()
      let late = await #expect(throws: RunFailure.self) {
        try await executor.run(graph, options: RunOptions(deadline: .milliseconds(5)))
      }
      #expect(late?.code == .deadlineExceeded)
      let task = Task { try await executor.run(graph) }
      while executor.core.pointee.firstState(where: { $0.pointee.waiting.load(ordering: .relaxed) == 10 })
        == nil
      {
        await Task.yield()
      }
      task.cancel()
      let cancelled = await #expect(throws: RunFailure.self) { _ = try await task.value }
      #expect(cancelled?.code == .cancelled)
      #expect(log.value == 0)
      let waiting = Task { try await executor.run(graph) }
      while executor.core.pointee.firstState(where: { $0.pointee.waiting.load(ordering: .relaxed) == 10 })
        == nil
      {
        await Task.yield()
      }
      #expect(executor.describeState().contains("10 wait for semaphores"))
      holder.letGo()
      _ = try await waiting.value
      #expect(log.value == 10)
    }
  }

  @Test func shuttingDownReleasesWhoWaits() throws {
    for workers in testedWorkerCounts {
      let executor = try GraphExecutor(.init(workers: workers, sharing: .always))
      let semaphore = TaskSemaphore(1)
      let holder = try Holder(semaphore)
      var dag = TaskGraphBuilder()
      dag.add(acquiring: [semaphore]) { _ in Issue.record("not begun before the shutdown") }
      let graph = try dag.build()
      ThreadBox {
        usleep(2_000)
        executor.shutdown()
      }.start()
      let failure = withWatchdog(executor) { #expect(throws: RunFailure.self) { try executor.run(graph) } }
      #expect(failure?.code == .shutDown)
      holder.letGo()
      #expect(semaphore.available == 1)
    }
  }

  @Test func mistakesAndOddLimits() throws {
    #expect(TaskSemaphore(0).limit == 1)
    #expect(TaskSemaphore(-5).available == 1)
    var dag = TaskGraphBuilder()
    dag.acquire([TaskSemaphore(1)], during: TaskID(3))
    let error = #expect(throws: SchedulerError.self) { try dag.build() }
    #expect(error?.code == .unknownTask)
    // Named twice, held once.
    let semaphore = TaskSemaphore(1)
    var twice = TaskGraphBuilder()
    let task = twice.add(acquiring: [semaphore, semaphore]) { _ in }
    twice.acquire([semaphore], during: task)
    try GraphExecutor(workers: 1).run(try twice.build())
    #expect(semaphore.available == 1)
  }

  @Test(arguments: sharings) func randomGraphsRunAsTheInterpreterSays(_ sharing: GraphExecutor.Sharing) throws
  {
    try withEveryWorkerCount(sharing: sharing) { executor in
      for seed in 0..<12 as Range<UInt64> {
        let semaphores = [TaskSemaphore(1), TaskSemaphore(2), TaskSemaphore(2)]
        let script = try ScriptedGraph(
          seed: seed, tasks: 20 + 12 * Int(seed), features: [.conditions, .nesting, .semaphores],
          semaphores: semaphores)
        for round in 0..<4 {
          script.prepare(round: round)
          let report = try executor.run(script.graph)
          try #require(script.isAsExpected, "seed \(seed), round \(round), \(executor.workerCount) workers")
          #expect(report.tasksSkipped == script.expected.count { !$0 })
          #expect(semaphores.allSatisfy { $0.available == $0.limit })
        }
      }
    }
  }
}
