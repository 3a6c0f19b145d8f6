import Glibc
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

/// Bodies that end only when others have begun: where a slot and a thread are free, every task that is ready finds somebody.
///
/// `Tests/Models/parking.pml` has the same situations and tries every order; here are the real threads. A wake-up that is
/// missed for good makes the watchdog end the test.
@Suite(.serialized) struct WakeUpTests {
  /// Waits until a group of bodies has begun, of which so many begin in each round.
  private final class Meeting: Sendable {
    private let begun = SharedCount()
    private let size: Int

    init(of size: Int) { self.size = size }

    func join() {
      let goal = (begun.add() - 1) / size * size + size
      while begun.value < goal { sched_yield() }
    }
  }

  private static func executor(_ workers: Int) throws -> GraphExecutor {
    try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always, spin: .zero))
  }

  /// A pool thread that finds something in one run looks after the other run too, whose publisher relied on it.
  @Test(arguments: [4, 8, 32]) func allTasksOfTwoRunsOverlap(_ workers: Int) throws {
    let executor = try WakeUpTests.executor(workers)
    let meeting = Meeting(of: 4)
    let ended = SharedCount()
    var builder = TaskGraphBuilder()
    for _ in 0..<2 { builder.add { _ in meeting.join() } }
    let graph = try builder.build()
    withWatchdog(executor) {
      onThreads(2) { _ in for _ in 0..<500 where (try? executor.run(graph)) != nil { ended.add() } }
    }
    #expect(ended.value == 1_000)
  }

  /// Three tasks become ready at once while the caller sleeps: it and a pool thread must both wake.
  @Test(arguments: [3, 8, 32]) func theSleepingCallerAndTheOthersWake(_ workers: Int) throws {
    let executor = try WakeUpTests.executor(workers)
    let meeting = Meeting(of: 3)
    let delays = SharedCount()
    var builder = TaskGraphBuilder()
    // What the caller begins with, since it is the longest chain; soon done.
    var own = builder.add { _ in }
    for _ in 0..<3 { own = builder.add(after: own) { _ in } }
    let source = builder.add { _ in usleep(UInt32(delays.add() % 7) * 20) }
    for _ in 0..<3 { builder.add(after: source) { _ in meeting.join() } }
    let graph = try builder.build()
    try withWatchdog(executor) { for _ in 0..<500 { try executor.run(graph) } }
    #expect(delays.value == 500)
  }

  @Test(arguments: [3, 8, 32]) func allChunksOfALoopOverlap(_ workers: Int) throws {
    let executor = try WakeUpTests.executor(workers)
    let meeting = Meeting(of: 3)
    let chunks = SharedCount()
    var builder = TaskGraphBuilder()
    builder.add { context in
      try context.parallelFor(0..<3, grain: 1) { _ in
        chunks.add()
        meeting.join()
      }
    }
    let graph = try builder.build()
    try withWatchdog(executor) { for _ in 0..<300 { try executor.run(graph) } }
    #expect(chunks.value == 900)
  }

  /// As when one task shuts the executor down while an asynchronous run is on its way in: the pool thread that the shutdown
  /// could wake must still be there for that run.
  @Test func stoppingThreadsAmidCallsLosesNoWakeUp() throws {
    let executor = try WakeUpTests.executor(2)
    let isSubmitted = SharedFlag()
    var late = TaskGraphBuilder()
    late.add { _ in isSubmitted.set(true) }
    let lateGraph = try late.build()
    let stop = CancellationToken()
    var builder = TaskGraphBuilder()
    builder.add { _ in
      let core = executor.core
      while !core.pointee.idle.hasSleepers { sched_yield() }
      core.pointee.stopThreads()
      while !core.pointee.idle.hasSleepers { sched_yield() }
      // Not by a Swift task, whose pool may be full of tests that wait.
      guard core.pointee.beginCall() else { return }
      core.pointee.submit(lateGraph, argument: nil, options: RunOptions(), stop: stop, on: core) { _ in }
      while !isSubmitted.isSet { sched_yield() }
    }
    let graph = try builder.build()
    try withWatchdog(executor) { _ = try executor.run(graph) }
    #expect(isSubmitted.isSet)
  }
}
