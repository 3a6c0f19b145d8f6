import Testing
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryBench

@Suite(.serialized) struct CancelledStepsTests {
  private func withSteps(_ body: (inout CancelledSteps, GraphExecutor) throws -> Void) throws {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: 3, sharing: .always))
    defer { executor.shutdown() }
    var random = SplitMix64(seed: 1)
    var steps = try CancelledSteps(seed: 1, using: &random)
    try #require(steps.taskCount > 2 && steps.before != steps.after)
    _ = try steps.check(cancelledAt: 0, on: executor)
    try body(&steps, executor)
  }

  private func expectMistake(
    _ text: String, _ steps: CancelledSteps, at position: Int = 0, _ executor: GraphExecutor
  ) {
    #expect {
      _ = try steps.check(cancelledAt: position, on: executor)
    } throws: { error in
      "\(error)".contains(text)
    }
  }

  @Test func aCancelledStepThatChangedAStateIsAMistake() throws {
    try withSteps { steps, executor in
      // As if the states had been others before: a cancelled step then seems to have changed one.
      let name = try #require(steps.before.keys.min())
      steps.before[name]?[0] ^= 1
      expectMistake("left other states than it should: \(name)", steps, executor)
    }
  }

  @Test func aLaterStepWithOtherStatesIsAMistake() throws {
    try withSteps { steps, executor in
      let name = try #require(steps.after.keys.min())
      steps.after[name]?[0] ^= 1
      expectMistake("left other states than it should: \(name)", steps, executor)
    }
  }

  @Test func aLaterStepWithOtherBitsIsAMistake() throws {
    try withSteps { steps, executor in
      steps.outputs[0][0] ^= 1
      expectMistake("handed back other bits", steps, executor)
    }
  }

  @Test func aTaskThatNeverBeginsIsAMistake() throws {
    try withSteps { steps, executor in
      expectMistake("no task was task", steps, at: steps.taskCount, executor)
    }
  }
}
