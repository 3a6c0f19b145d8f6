import Glibc
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

/// What executors are in a forked child. Each test forks in a process of its own, where nothing else is under way; the child
/// tells by its exit status how far it came, and one that hangs is killed.
@Suite(.serialized, .enabled(if: canFork)) struct ForkTests {
  /// A graph of tasks that count.
  static func graph(_ tasks: Int, _ body: @escaping @Sendable () -> Void = {}) throws -> TaskGraph {
    var builder = TaskGraphBuilder(name: "forked")
    for _ in 0..<tasks { builder.add { _ in body() } }
    return try builder.build()
  }

  static func failure(_ executor: GraphExecutor, _ graph: TaskGraph) -> RunFailure.Code? {
    do {
      try executor.run(graph)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func runsOnAnInheritedExecutorFail() async {
    await #expect(processExitsWith: .success) {
      let graph = try ForkTests.graph(10)
      for workers in [2, 8] {
        for sharing in [GraphExecutor.Sharing.always, .whenWorthwhile] {
          let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: sharing))
          guard ForkTests.failure(executor, graph) == nil else { exit(1) }
          inChild {
            guard ForkTests.failure(executor, graph) == .forked else { return 2 }
            guard executor.describeState().contains("of the parent process") else { return 3 }
            // Neither waits for threads that the child does not have.
            executor.shutdown()
            executor.shutdown()
            return ForkTests.failure(executor, graph) == .forked ? 0 : 4
          }
          guard ForkTests.failure(executor, graph) == nil else { exit(5) }
        }
      }
      // One worker, but a thread of its own for an asynchronous run, or a watchdog.
      let single = try GraphExecutor(workers: 1)
      _ = try await single.run(graph)
      let watched = try GraphExecutor(GraphExecutor.Configuration(workers: 1, watchdog: .seconds(60)))
      inChild {
        ForkTests.failure(single, graph) == .forked && ForkTests.failure(watched, graph) == .forked ? 0 : 6
      }
    }
  }

  @Test func anInheritedExecutorCanBeReleased() async {
    await #expect(processExitsWith: .success) {
      var executor: GraphExecutor? = try GraphExecutor(
        GraphExecutor.Configuration(workers: 4, watchdog: .seconds(60)))
      guard executor?.workerCount == 4 else { exit(1) }
      inChild {
        executor = nil
        return 0
      }
    }
  }

  @Test func oneWorkerWithoutAThreadGoesOn() async {
    await #expect(processExitsWith: .success) {
      let log = SharedCount()
      let graph = try ForkTests.graph(10) { log.add() }
      let executor = try GraphExecutor(GraphExecutor.Configuration(workers: 1, sharing: .always))
      try executor.runBlockingForTest(graph)
      inChild {
        guard ForkTests.failure(executor, graph) == nil, log.value == 20 else { return 1 }
        // Callers of the child's own take turns.
        onThreads(3) { _ in for _ in 0..<50 { _ = ForkTests.failure(executor, graph) } }
        guard log.value == 20 + 1_500 else { return 2 }
        executor.shutdown()
        return ForkTests.failure(executor, graph) == .shutDown ? 0 : 3
      }
    }
  }

  @Test func theChildMakesItsOwn() async {
    await #expect(processExitsWith: .success) {
      setenv("TRIBUTARY_THREADS", "3", 1)
      let log = SharedCount()
      let graph = try ForkTests.graph(1_000) { log.add() }
      let inherited = GraphExecutor.shared
      try inherited.runBlockingForTest(graph)
      guard inherited === GraphExecutor.shared else { exit(1) }
      inChild {
        let fresh = GraphExecutor.shared
        guard fresh !== inherited, fresh === GraphExecutor.shared, fresh.workerCount == 3 else { return 2 }
        guard ForkTests.failure(fresh, graph) == nil, ForkTests.failure(inherited, graph) == .forked else {
          return 3
        }
        for workers in [1, 2, 8] {
          guard
            let executor = try? GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
          else {
            return 4
          }
          for _ in 0..<20 where ForkTests.failure(executor, graph) != nil { return 5 }
          executor.shutdown()
        }
        guard log.value == 62_000 else { return 6 }
        // A child of the child.
        return childStatus {
          guard GraphExecutor.shared !== fresh, ForkTests.failure(fresh, graph) == .forked else { return 7 }
          return ForkTests.failure(GraphExecutor.shared, graph) == nil ? 0 : 8
        }
      }
      guard inherited === GraphExecutor.shared, ForkTests.failure(inherited, graph) == nil else { exit(9) }
    }
  }

  @Test func asynchronousRunsFailAndJobsRunElsewhere() async {
    await #expect(processExitsWith: .success) {
      let graph = try ForkTests.graph(10)
      let inherited = try GraphExecutor(workers: 2)
      let single = try GraphExecutor(workers: 1)
      inChild {
        // Swift's own threads are the parent's as well, so the child's tasks need an executor of its own.
        guard let fresh = try? GraphExecutor(workers: 2) else { return 1 }
        let status = SharedCount()
        Task(executorPreference: fresh) {
          do {
            try await inherited.run(graph)
          } catch {
            if (error as? RunFailure)?.code == .forked { status.add() }
          }
          // One without threads starts its first in the child.
          if (try? await single.run(graph)) != nil { status.add() }
          status.add()
        }
        while status.value < 3 { usleep(1_000) }
        return 0
      }
    }
  }

  /// The child of a process whose other threads are in the middle of everything.
  @Test func forksWhileOthersRun() async {
    await #expect(processExitsWith: .success) {
      let log = SharedCount()
      let executors = try [1, 1, 2, 5].map {
        try GraphExecutor(GraphExecutor.Configuration(workers: $0, sharing: .always))
      }
      var builder = TaskGraphBuilder(name: "busy")
      for _ in 0..<50 {
        builder.add { context in
          log.add()
          try context.parallelFor(0..<20, grain: 5) { _ in log.add() }
        }
      }
      let graph = try builder.build()
      // Swift's runtime does not survive a fork in which another thread uses a generic type for the first time: so everything
      // is done once before.
      for executor in executors + [try GraphExecutor(workers: 3), .shared] {
        try executor.runBlockingForTest(graph)
      }
      _ = GraphExecutor.describeAll()
      let isOver = SharedFlag()
      let callers = SharedCount()
      // More callers than workers, so that some are in line and some hold its lock; others make executors, and dumps.
      for caller in 0..<10 {
        startThread {
          while !isOver.isSet {
            if caller == 8 {
              _ = try? GraphExecutor(workers: 2).runBlockingForTest(graph)
            } else if caller == 9 {
              _ = GraphExecutor.describeAll()
            } else {
              _ = ForkTests.failure(executors[caller % 4], graph)
            }
          }
          callers.add()
        }
      }
      for round in 0..<50 {
        usleep(UInt32(round * 37 % 500))
        inChild {
          for (index, executor) in executors.enumerated() {
            let isSingle = index < 2
            for _ in 0..<3 where ForkTests.failure(executor, graph) != (isSingle ? nil : .forked) { return 1 }
            executor.shutdown()
          }
          guard let own = try? GraphExecutor(workers: 3), ForkTests.failure(own, graph) == nil else {
            return 2
          }
          return ForkTests.failure(GraphExecutor.shared, graph) == nil ? 0 : 3
        }
      }
      isOver.set(true)
      while callers.value < 10 { usleep(100) }
      for executor in executors { try executor.runBlockingForTest(graph) }
    }
  }

  /// A body forks and its copy in the child returns: the run ends there, with an error if it needs the others.
  @Test func forksInABody() async {
    await #expect(processExitsWith: .success) {
      for (workers, needsOthers) in [(1, false), (4, false), (4, true)] {
        let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
        let isElsewhere = SharedFlag()
        let caller = UInt64(pthread_self())
        let child = SharedCount()
        let parent = getpid()
        var builder = TaskGraphBuilder(name: "forks")
        for _ in 0..<2 {
          builder.add { _ in
            if UInt64(pthread_self()) != caller {
              // Busy until the child has come into being without this thread.
              isElsewhere.set(true)
              while needsOthers, child.value == 0 { usleep(100) }
              return
            }
            while needsOthers, !isElsewhere.isSet {}
            if child.value == 0, getpid() == parent { child.add(Int(forkProcess())) }
          }
        }
        let graph = try builder.build()
        let code = ForkTests.failure(executor, graph)
        if getpid() != parent {
          let isRight = needsOthers ? code == .forked : code == nil || code == .forked
          let other = ForkTests.failure(executor, graph)
          _exit(isRight && other == (workers == 1 ? nil : .forked) ? 0 : 1)
        }
        guard code == nil, wait(for: pid_t(child.value)) == 0 else { exit(2) }
      }
    }
  }
}
