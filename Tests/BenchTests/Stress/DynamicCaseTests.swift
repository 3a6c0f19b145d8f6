import Testing
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryBench

@Suite(.serialized) struct DynamicCaseTests {
  /// Runs a script of one seed as often as told, hands over how that ended, and calls `body` for what to say of it.
  private func afterRunning(
    _ times: Int, set: (ScriptedGraph) -> Void = { _ in },
    _ body: (Result<RunReport, any Error>, ScriptedGraph) throws -> Void
  ) throws {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: 3, sharing: .always))
    defer { executor.shutdown() }
    let script = try ScriptedGraph(
      seed: 1, tasks: 200, features: .everything, semaphores: [TaskSemaphore(1), TaskSemaphore(2)])
    script.prepare(round: 0)
    set(script)
    let options = RunOptions(cancellation: script.token)
    var result = Result { try executor.run(script.graph, options: options) }
    for _ in 1..<times { result = Result { try executor.run(script.graph, options: options) } }
    try body(result, script)
  }

  private func expectMistake(_ text: String, _ result: Result<RunReport, any Error>, _ script: ScriptedGraph)
  {
    #expect {
      _ = try DynamicCase.check(result, script)
    } throws: { error in
      "\(error)".contains(text)
    }
  }

  @Test func aRunThatDidEverythingIsRight() throws {
    try afterRunning(1) { result, script in
      #expect(script.expected.contains(false), "some tasks are skipped")
      let tasks = try DynamicCase.check(result, script)
      #expect(tasks == 200)
    }
  }

  @Test func aTaskThatDidNotRunIsAMistake() throws {
    try afterRunning(1) { result, script in
      script.prepare(round: 0)
      expectMistake("task 0 of 200, which was to run, ran 0 times", result, script)
    }
  }

  @Test func aTaskThatRanTwiceIsAMistake() throws {
    try afterRunning(2) { result, script in
      expectMistake("times a task met what should not have been", result, script)
    }
  }

  @Test func aRunMustFailIfATaskThrows() throws {
    try afterRunning(1) { result, script in
      script.throwers = [0]
      expectMistake("although task 0 was to throw", result, script)
    }
  }

  @Test func anErrorOfATaskThatDidNotThrowIsAMistake() throws {
    try afterRunning(1) {
      $0.throwers = [0]
    } _: { result, script in
      _ = try DynamicCase.check(result, script)
      script.throwers = [1]
      expectMistake("another reason", result, script)
    }
  }

  @Test func aCancellationThatNobodyAskedForIsAMistake() throws {
    try afterRunning(1) {
      $0.canceller = 0
    } _: { result, script in
      _ = try DynamicCase.check(result, script)
      script.canceller = nil
      expectMistake("another reason", result, script)
    }
  }

  @Test func aTaskBehindOneThatStopsIsAMistake() throws {
    try afterRunning(1) { result, script in
      // All tasks ran, also those behind task 0, which is said to have stopped the run only now.
      script.canceller = 0
      #expect(script.mistake == nil)
      #expect(script.mistakeAfterStop != nil)
    }
  }
}
