import Glibc
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite(.serialized) struct DepthTests {
  static let workerCounts = [1, 2, 3, 8]

  /// What each level of a deep nest is.
  enum Form: CaseIterable {
    case graphs, loops, groups, mixed

    func at(_ level: Int) -> Form { self == .mixed ? [.graphs, .loops, .groups][level % 3] : self }
  }

  /// Nests so many more levels inside a task, and counts tasks and chunks of every level.
  @Sendable static func nest(
    _ levels: Int, _ form: Form, _ log: SharedCount, _ context: borrowing TaskContext
  ) throws {
    if levels == 0 { return }
    switch form.at(levels) {
    case .loops:
      try context.parallelFor(0..<3, grain: 1) { range, context in
        log.add()
        if range.lowerBound == levels % 3 { try nest(levels - 1, form, log, context) }
      }
    case .groups:
      try context.withTaskGroup { group in
        for task in 0..<3 {
          group.add { group in
            log.add()
            if task == levels % 3 { try nest(levels - 1, form, log, group.context) }
          }
        }
      }
    default:
      var builder = TaskGraphBuilder(name: "level \(levels)")
      for task in 0..<3 {
        builder.add { context in
          log.add()
          if task == levels % 3 { try nest(levels - 1, form, log, context) }
        }
      }
      try context.run(try builder.build())
    }
  }

  static func deep(_ levels: Int, _ form: Form, _ log: SharedCount) throws -> TaskGraph {
    var builder = TaskGraphBuilder(name: "outermost")
    builder.add("deep") { context in try nest(levels, form, log, context) }
    return try builder.build()
  }

  /// The error at the bottom of failures wrapped in failures.
  static func root(_ error: (any Error)?) -> SchedulerError? {
    var error = error
    while let failure = error as? RunFailure { error = failure.underlying }
    return error as? SchedulerError
  }

  @Test(arguments: workerCounts, Form.allCases)
  func everythingNestsToTheLimitAndNoFurther(_ workers: Int, _ form: Form) throws {
    for sharing in [GraphExecutor.Sharing.always, .whenWorthwhile] {
      let executor = try GraphExecutor(.init(workers: workers, sharing: sharing))
      try withWatchdog(executor) {
        let log = SharedCount()
        let graph = try Self.deep(256, form, log)
        for round in 1...2 {
          try executor.run(graph)
          #expect(log.value == 3 * 256 * round)
        }
        let tooDeep = try Self.deep(257, form, log)
        let failure = #expect(throws: RunFailure.self) { try executor.run(tooDeep) }
        #expect(failure?.taskName == "deep")
        let cause = Self.root(failure)
        #expect(cause?.code == .nestingTooDeep)
        #expect(cause?.message.contains("depth 257") == true)
        #expect(cause?.message.contains("limit of 256") == true)
        #expect(cause?.message.contains("nestingLimit") == true)
        log.reset()
        try executor.run(graph)
        #expect(log.value == 3 * 256)
      }
    }
  }

  @Test func theLimitIsASetting() throws {
    for limit in [0, 1, 5, 700] {
      let executor = try GraphExecutor(.init(workers: 2, sharing: .always, nestingLimit: limit))
      for form in Form.allCases {
        let log = SharedCount()
        try withWatchdog(executor) { _ = try executor.run(try Self.deep(limit, form, log)) }
        #expect(log.value == 3 * limit)
        let failure = #expect(throws: RunFailure.self) {
          try executor.run(try Self.deep(limit + 1, form, log))
        }
        #expect(Self.root(failure)?.code == .nestingTooDeep)
      }
    }
    for invalid in [-1, 65_537, Int.max] {
      let error = #expect(throws: SchedulerError.self) {
        _ = try GraphExecutor(.init(workers: 1, nestingLimit: invalid))
      }
      #expect(error?.code == .invalidNestingLimit)
    }
  }

  /// A nested run that is refused says so itself, whichever way it was called, and the body may go on.
  @Test func refusalsAreTypedAndHarmless() throws {
    let executor = try GraphExecutor(.init(workers: 2, nestingLimit: 0))
    var inner = TaskGraphBuilder(name: "inner")
    inner.add { _ in Issue.record("nothing may be nested") }
    let innerGraph = try inner.build()
    var outer = TaskGraphBuilder()
    outer.add { context in
      for isDirect in [true, false] {
        do throws(RunFailure) {
          _ = try isDirect ? context.run(innerGraph) : executor.run(innerGraph)
        } catch {
          #expect(error.code == .nestingTooDeep)
          #expect(error.graphName == "inner" && error.taskName == nil)
          #expect(error.report.tasksRun == 0)
          #expect(error.description.contains("“inner” was not run: depth 1"))
          continue
        }
        Issue.record("not refused")
      }
    }
    try executor.run(try outer.build())
  }

  /// A caller's stack may be small: the error comes before its end, at any number of workers.
  @Test func aSmallStackGivesAnErrorNotACrash() throws {
    for workers in Self.workerCounts {
      let executor = try GraphExecutor(.init(workers: workers, sharing: .never, nestingLimit: 60_000))
      let log = SharedCount()
      let graph = try Self.deep(3_000, .graphs, log)
      let codes = Locked<[SchedulerError.Code?]>([])
      withWatchdog(executor) {
        onThread(stackSize: 512 << 10) {
          for _ in 0..<2 {
            do { try executor.run(graph) } catch { codes.withLock { $0.append(Self.root(error)?.code) } }
          }
        }
      }
      #expect(codes.withLock { $0 } == [.stackExhausted, .stackExhausted])
      #expect(log.value > 2 * 3 * 20)
    }
  }

  @Test func aLevelTakesLessStackThanThreadsHaveForIt() throws {
    for sharing in [GraphExecutor.Sharing.always, .never] {
      let executor = try GraphExecutor(.init(workers: 1, sharing: sharing))
      let left = Locked<[Int]>([])
      var graph: TaskGraph?
      for _ in 0..<20 {
        let inner = graph
        var builder = TaskGraphBuilder()
        builder.add { context in
          left.withLock { $0.append(ExecutorCore.stackLeft) }
          if let inner { try context.run(inner) }
        }
        builder.add { _ in }
        graph = try builder.build()
      }
      if let graph { try executor.run(graph) }
      let values = left.withLock { $0 }
      try #require(values.count == 20)
      for (outer, inner) in zip(values, values.dropFirst()) {
        #expect(outer - inner > 0)
        #expect(outer - inner < ExecutorCore.stackPerLevel)
      }
    }
  }

  /// The threads of the pool have the stack that the limit asks for. They may have more: the C library keeps stacks.
  @Test func threadsHaveStackForTheLimit() async throws {
    for limit in [0, 256, 2_000] {
      let executor = try GraphExecutor(.init(workers: 1, nestingLimit: limit))
      let left = SharedCount()
      var builder = TaskGraphBuilder()
      builder.add { _ in left.add(ExecutorCore.stackLeft) }
      try await executor.run(try builder.build())
      let expected = limit * ExecutorCore.stackPerLevel + ExecutorCore.stackForBodies
      #expect(left.value > expected - 100_000)
    }
  }

  /// A waiting thread runs chunks of its own loop only, so no other task asks for a lock that is held around it.
  @Test(arguments: workerCounts) func bodiesMayHoldALockAroundALoop(_ workers: Int) throws {
    let executor = try GraphExecutor(.init(workers: workers, sharing: .always))
    let lock = Locked(0)
    let chunks = SharedCount()
    var builder = TaskGraphBuilder()
    for _ in 0..<24 {
      builder.add { context in
        try lock.withLock { count in
          count += 1
          try context.parallelFor(0..<20, grain: 1) { _, context in
            chunks.add()
            if chunks.value % 5 == 0 {
              try context.parallelFor(0..<4, grain: 1) { _ in usleep(10) }
            }
          }
        }
      }
    }
    let graph = try builder.build()
    try withWatchdog(executor) { for _ in 0..<5 { try executor.run(graph) } }
    #expect(lock.withLock { $0 } == 120)
    #expect(chunks.value == 2_400)
  }

  /// Cancelling reaches the innermost of 200 levels.
  @Test(arguments: workerCounts) func cancellingReachesDown(_ workers: Int) throws {
    let executor = try GraphExecutor(.init(workers: workers, sharing: .always))
    let token = CancellationToken()
    let innermost = SharedCount()
    @Sendable func nest(_ levels: Int, _ context: borrowing TaskContext) throws {
      if levels == 0 {
        token.cancel()
        if context.isCancelled { innermost.add() }
        return
      }
      var builder = TaskGraphBuilder()
      let task = builder.add { context in try nest(levels - 1, context) }
      builder.add(after: task) { _ in Issue.record("not begun before the cancellation") }
      try context.run(try builder.build())
    }
    var builder = TaskGraphBuilder()
    builder.add { context in try nest(200, context) }
    let graph = try builder.build()
    let failure = withWatchdog(executor) {
      #expect(throws: RunFailure.self) { try executor.run(graph, options: .init(cancellation: token)) }
    }
    #expect(failure?.code == .cancelled)
    #expect(innermost.value == 1)
  }
}
