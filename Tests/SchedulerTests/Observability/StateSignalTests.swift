import Glibc
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite(.serialized) struct StateSignalTests {
  /// All threads are stuck in bodies, and the signal still tells where.
  @Test(arguments: [1, 2, 4]) func printsWhileEveryThreadIsStuck(_ workers: Int) async {
    let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardErrorContent]) {
      [workers] in
      guard StateSignal.install() else { exit(1) }
      let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
      let stuck = SharedCount()
      var builder = TaskGraphBuilder()
      for _ in 0..<workers {
        builder.add { _ in
          stuck.add()
          while true {}
        }
      }
      let graph = try builder.build()
      startThread { _ = try? executor.run(graph) }
      while stuck.value < workers { usleep(100) }
      for _ in 0..<3 {
        kill(getpid(), SIGUSR1)
        usleep(20_000)
      }
      // The text has no end of its own to wait for; it is written within a moment.
      usleep(300_000)
      exit(3)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("executor: \(workers) slots"))
    #expect(text.contains("slot \(workers - 1): run"))
  }

  @Test func canBeDoneWithout() async {
    await #expect(processExitsWith: .success) {
      setenv("TRIBUTARY_SIGUSR1", "0", 1)
      exit(StateSignal.install() ? 1 : 0)
    }
  }
}
