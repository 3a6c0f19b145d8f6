import Glibc
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

/// The process ends while executors are at work: at once, with the status asked for.
@Suite(.serialized) struct ExitTests {
  /// Threads that run graphs of all kinds on several executors for ever, the shared one included.
  static func keepBusy() throws {
    var builder = TaskGraphBuilder()
    for _ in 0..<64 {
      builder.add { context in
        JobTests.compute(500)
        try context.parallelFor(0..<8, grain: 1) { _ in JobTests.compute(200) }
      }
    }
    let graph = try builder.build()
    let executors = try [1, 2, 4].map {
      try GraphExecutor(GraphExecutor.Configuration(workers: $0, sharing: .always, watchdog: .seconds(60)))
    }
    let runs = SharedCount()
    for executor in executors + [GraphExecutor.shared] {
      for _ in 0..<3 {
        startThread {
          while (try? executor.run(graph)) != nil { runs.add() }
        }
      }
      Task(executorPreference: executor) {
        while (try? await executor.run(graph)) != nil { runs.add() }
      }
    }
    while runs.value < 20 { usleep(100) }
  }

  @Test(arguments: [0, 7]) func exitsFromAnotherThread(_ status: Int32) async {
    await #expect(processExitsWith: .exitCode(status)) { [status] in
      try ExitTests.keepBusy()
      exit(status)
    }
  }

  /// Fifty processes, forked one after the other, each with executors of its own and at another moment of its work. Not under
  /// AddressSanitizer, whose search for leaks at the exit replaces the status, since threads still hold memory then.
  @Test(.enabled(if: canFork && dlsym(nil, "__asan_init") == nil)) func exitsAtAnyMoment() async {
    await #expect(processExitsWith: .success) {
      for round in 0..<50 {
        let child = forkProcess()
        if child == 0 {
          // What the main thread does, as far as exit is concerned: returning from `main` calls it, too.
          guard (try? ExitTests.keepBusy()) != nil else { _exit(98) }
          usleep(UInt32(round * 53 % 400))
          exit(Int32(round))
        }
        let status = wait(for: child)
        if status != Int32(round) { exit(status == -1 ? 99 : 97) }
      }
    }
  }

  @Test func exitsFromABody() async {
    await #expect(processExitsWith: .exitCode(5)) {
      try ExitTests.keepBusy()
      var builder = TaskGraphBuilder()
      for index in 0..<50 { builder.add { _ in if index == 20 { exit(5) } } }
      try GraphExecutor.shared.runBlockingForTest(try builder.build())
    }
  }

  @Test func exitsFromAJob() async {
    await #expect(processExitsWith: .exitCode(6)) {
      try ExitTests.keepBusy()
      let job = Task(executorPreference: GraphExecutor.shared) { () -> Bool in exit(6) }
      _ = await job.value
    }
  }
}
