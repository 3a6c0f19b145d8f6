import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

/// Recorded runs attributed to the plan's operators and to workers.
@Suite(.serialized) struct ExecutionProfileTests {
  /// Records runs of a model's step.
  private func profile(
    _ model: Model, workers: Int, runs: Int, _ recorder: TraceRecorder = TraceRecorder()
  ) throws -> (ExecutionProfile, Executable, [RecordedRun]) {
    let executable = try Executable(graph: model.graph)
    let executor = try GraphExecutor(workers: workers)
    defer { executor.shutdown() }
    let store = ParameterStore(executable, seed: 1)
    for _ in 0..<runs {
      _ = try executable.run(
        on: executor, store, feedingByName: model.feeds, options: RunOptions(trace: recorder))
    }
    return (
      executable.profile(recorder, workers: workers), executable, recorder.wholeRuns(of: executable.taskGraph)
    )
  }

  @Test(arguments: [1, 2, 3]) func everySecondOfATaskIsSomeOperators(workers: Int) throws {
    let (it, executable, recorded) = try profile(Model.seedDAG(300, columns: 300), workers: workers, runs: 3)
    #expect(it.runs == 3 && it.workers == workers && it.tasks == executable.plan.taskCount)
    let measured = recorded.reduce(0) { sum, run in
      sum + run.parts.reduce(0) { $0 + Double($1.time.count) * 1e-9 }
    }
    #expect(abs(it.operatorSeconds - measured) <= 1e-9 * Double(it.steps.count) + 1e-6 * measured)
    #expect(it.steps.allSatisfy { $0.seconds.count == workers && $0.totalSeconds > 0 })
    #expect(it.operatorSeconds <= it.busySeconds)
    #expect(it.busySeconds <= it.wallSeconds * Double(workers) * 1.001)
    let products = it.steps.filter { $0.operatorName == "matmul" }
    #expect(products.allSatisfy { $0.flops == 2 * 300 * 300 * 300 } && products.count >= 3)
  }

  @Test func tasksOfSeveralOperatorsAreSharedOutByTheCostModel() throws {
    let (it, executable, _) = try profile(Model.seedDAG(5), workers: 1, runs: 2)
    try #require(executable.plan.taskCount == 1)
    for step in it.steps { #expect(abs(step.sharedSeconds - step.totalSeconds) < 1e-12) }
    let plan = executable.plan
    let whole = plan.units.seconds.reduce(0, +)
    for (index, step) in plan.graph.steps.enumerated() where step.applied != nil && !step.isView {
      let share = plan.units.units[index].reduce(0) { $0 + plan.units.seconds[$1] } / whole
      let found = it.steps.filter { $0.name == step.name }.map { $0.totalSeconds / it.operatorSeconds }
      #expect(found.contains { abs($0 - share) < 1e-9 }, "\(step.name)")
    }
  }

  @Test func runsThatWereNotKeptWholeDoNotCount() throws {
    let few = TraceRecorder(capacityPerWorker: 1)
    let (it, executable, _) = try profile(Model.seedDAG(300, columns: 300), workers: 1, runs: 2, few)
    try #require(executable.plan.taskCount > 1)
    #expect(it.runs == 0 && it.operatorSeconds == 0 && it.wallSeconds == 0)
    #expect(!it.steps.isEmpty)
  }

  @Test func theMiddleHalfByWallTimeCounts() throws {
    let (it, _, recorded) = try profile(Model.seedDAG(5), workers: 1, runs: 9)
    #expect(recorded.count == 9 && it.runs == 5)
    let walls = recorded.map(\.report.wallSeconds).sorted()
    #expect(abs(it.wallSeconds - walls[2...6].reduce(0, +)) < 1e-12)
  }
}
