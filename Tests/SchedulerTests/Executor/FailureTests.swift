import Testing
import TributaryScheduler
import TributaryTestSupport

@Suite(.serialized) struct FailureTests {
  struct Boom: Error, Equatable { let number: Int }

  /// A chain of tasks beside many others; task `special` runs a given body in the middle.
  static func graph(
    _ log: SharedCount, special: @escaping TaskGraphBuilder.Body
  ) throws -> TaskGraph {
    var builder = TaskGraphBuilder(name: "fragile")
    let first = builder.add("first") { _ in log.add() }
    let middle = builder.add("special", after: first, body: special)
    for index in 0..<40 { builder.add("late \(index)", after: middle) { _ in log.add() } }
    return try builder.build()
  }

  @Test func theFirstErrorComesWithItsTaskAndSkipsTheRest() throws {
    try withEveryWorkerCount { executor in
      let log = SharedCount()
      let fails = SharedFlag()
      let graph = try Self.graph(log) { _ in if fails.isSet { throw Boom(number: 7) } }
      for round in 0..<6 {
        log.reset()
        fails.set(round % 2 == 0)
        if round % 2 == 0 {
          let failure = #expect(throws: RunFailure.self) { try executor.run(graph) }
          #expect(failure?.code == .taskFailed)
          #expect(failure?.taskName == "special")
          #expect(failure?.underlying as? Boom == Boom(number: 7))
          #expect(failure?.committed == false)
          #expect(failure?.description.contains("special") == true)
          #expect(failure?.report.tasksRun == 42)
          #expect(log.value == 1)
        } else {
          #expect(try executor.run(graph).tasksRun == 42)
          #expect(log.value == 41)
        }
      }
    }
  }

  @Test func oneOfSeveralErrorsIsReported() throws {
    try withEveryWorkerCount { executor in
      var builder = TaskGraphBuilder()
      for index in 0..<50 { builder.add("t\(index)") { _ in throw Boom(number: index) } }
      let graph = try builder.build()
      let failure = #expect(throws: RunFailure.self) { try executor.run(graph) }
      let boom = failure?.underlying as? Boom
      #expect(failure?.taskName == boom.map { "t\($0.number)" })
    }
  }

  @Test func aTokenCancelsBeforeAndDuringARun() throws {
    try withEveryWorkerCount { executor in
      let log = SharedCount()
      let token = CancellationToken()
      let graph = try Self.graph(log) { context in
        token.cancel()
        let isCancelled = context.isCancelled
        #expect(isCancelled)
      }
      let options = RunOptions(cancellation: token)
      let during = #expect(throws: RunFailure.self) { try executor.run(graph, options: options) }
      #expect(during?.code == .cancelled)
      #expect(during?.taskName == nil)
      #expect(log.value == 1)
      let before = #expect(throws: RunFailure.self) { try executor.run(graph, options: options) }
      #expect(before?.code == .cancelled)
      #expect(log.value == 1)
    }
  }

  @Test func aDeadlineSkipsWhatHasNotBegun() throws {
    try withEveryWorkerCount { executor in
      let log = SharedCount()
      let graph = try Self.graph(log) { context in while !context.isCancelled {} }
      let late = #expect(throws: RunFailure.self) {
        try executor.run(graph, options: RunOptions(deadline: .milliseconds(3)))
      }
      #expect(late?.code == .deadlineExceeded)
      #expect(log.value <= 1)
      let never = #expect(throws: RunFailure.self) {
        try executor.run(graph, options: RunOptions(deadline: .zero))
      }
      #expect(never?.code == .deadlineExceeded)
      let quiet = try Self.graph(log) { _ in }
      #expect(try executor.run(quiet, options: RunOptions(deadline: .seconds(1 << 40))).tasksRun == 42)
    }
  }

  @Test func nothingSkipsACommittedRun() throws {
    try withEveryWorkerCount { executor in
      let log = SharedCount()
      let token = CancellationToken()
      let graph = try Self.graph(log) { context in
        let (first, again) = (context.commit(), context.commit())
        #expect(first && again)
        token.cancel()
        let isCancelled = context.isCancelled
        #expect(!isCancelled)
      }
      let options = RunOptions(deadline: .seconds(60), cancellation: token)
      #expect(try executor.run(graph, options: options).tasksRun == 42)
      #expect(log.value == 41)

      log.reset()
      let failing = try Self.graph(log) { context in
        let isCommitted = context.commit()
        #expect(isCommitted)
        throw Boom(number: 1)
      }
      let failure = #expect(throws: RunFailure.self) { try executor.run(failing) }
      #expect(failure?.committed == true)
      #expect(failure?.taskName == "special")
      #expect(log.value == 41)
    }
  }

  @Test func aCancelledRunCannotCommit() throws {
    try withEveryWorkerCount { executor in
      let log = SharedCount()
      let token = CancellationToken()
      let graph = try Self.graph(log) { context in
        token.cancel()
        let isCommitted = context.commit()
        #expect(!isCommitted)
      }
      let failure = #expect(throws: RunFailure.self) {
        try executor.run(graph, options: RunOptions(cancellation: token))
      }
      #expect(failure?.code == .cancelled)
      #expect(failure?.committed == false)
      #expect(log.value == 1)
    }
  }

  /// Cancelling from another thread at any moment: the run either succeeds whole or fails, and the graph works afterwards.
  @Test func cancellingAtAnyMomentLeavesTheGraphUsable() throws {
    try withEveryWorkerCount { executor in
      for seed in 0..<12 as Range<UInt64> {
        let dag = RandomDAG(seed: seed, tasks: 300)
        let log = SharedCount()
        var builder = TaskGraphBuilder()
        for _ in 0..<dag.taskCount { builder.add { _ in log.add() } }
        for edge in dag.edges { builder.precede(TaskID(edge.from), TaskID(edge.to)) }
        let graph = try builder.build()
        let token = CancellationToken()
        let isStarted = SharedFlag()
        let isWhole = SharedFlag()
        onThreads(2) { index in
          if index == 0 {
            isStarted.set(true)
            if (try? executor.run(graph, options: RunOptions(cancellation: token))) != nil {
              isWhole.set(true)
            }
          } else {
            while !isStarted.isSet {}
            for _ in 0..<Int(seed) * 50 { _ = token.isCancelled }
            token.cancel()
          }
        }
        #expect(isWhole.isSet ? log.value == 300 : log.value <= 300)
        log.reset()
        try executor.run(graph)
        #expect(log.value == 300)
      }
    }
  }
}
