import Testing
import Tributary
import TributaryTestSupport
import TributaryWorkloads

@testable import TributaryAutodiff
@testable import TributaryScheduler

/// Costs decide what goes first and nothing else.
@Suite(.serialized) struct MeasuredCostsTests {
  private func measured(_ step: WorkloadStep, workers: Int = 2) throws -> MeasuredCosts {
    let recorder = TraceRecorder()
    let executor = try GraphExecutor(workers: workers)
    defer { executor.shutdown() }
    let store = ParameterStore(step.executable, seed: 3)
    for _ in 0..<5 {
      _ = try step.executable.run(
        on: executor, store, feedingByName: step.feeds, options: RunOptions(trace: recorder))
    }
    return try #require(step.executable.measuredCosts(recorder, workers: workers))
  }

  private func costs(_ plan: Plan, _ seconds: [Double]) -> MeasuredCosts {
    MeasuredCosts(plan: plan.fingerprint, workers: 1, runs: 1, seconds: seconds)
  }

  @Test(arguments: ["mlp", "inception", "lstm", "transformer", "small-ops"])
  func bitsAreTheSameWithAnyCosts(_ name: String) throws {
    let workload = try Workload.named(name)
    let granularity = Granularity(
      matrixColumns: 16, matrixRows: 8, matrixSeconds: 0, rowShards: 2, streamSeconds: 0, alignedSeconds: 0,
      maximumShards: 3, clusterSeconds: 0.2e-6)
    let step = try WorkloadStep(workload, workload.reducedConfiguration, granularity)
    let plan = step.executable.plan
    let expected = try step.bits(on: Executors.one)
    var random = SplitMix64(seed: 7)
    let count = plan.taskCount
    let measured = try measured(step)
    #expect(measured.runs == 3 && measured.workers == 2 && measured.seconds.count == count)
    #expect(measured.seconds.allSatisfy { $0 > 0 && $0 < 10 })
    let absurd: [[Double]] = [
      measured.seconds, Array(repeating: 0, count: count), Array(repeating: 1e30, count: count),
      (0..<count).map { 1e-6 * Double(count - $0) }, measured.seconds.reversed(),
      (0..<count).map { _ in Double.random(in: 0...1, using: &random) },
    ]
    for executor in Executors.all { #expect(try step.bits(on: executor) == expected) }
    for seconds in absurd {
      try step.executable.use(costs(plan, seconds))
      for executor in Executors.all { #expect(try step.bits(on: executor) == expected) }
    }
  }

  @Test func ranksFollowTheCosts() throws {
    let step = try WorkloadStep(.named("mlp"), Workload.named("mlp").reducedConfiguration, .whole)
    let graph = step.executable.taskGraph
    let plan = step.executable.plan
    let model = (0..<plan.taskCount).map { graph.rank(of: TaskID($0)).seconds }
    try step.executable.use(costs(plan, (0..<plan.taskCount).map { 1e-3 * Double(1 + $0 % 7) }))
    #expect(graph.cost(of: TaskID(3)).seconds == 4e-3)
    #expect(graph.rank(of: TaskID(0)).seconds > 1000 * model[0])
    #expect(step.executable.plan.fingerprint == plan.fingerprint && step.executable.plan.work == plan.work)
  }

  @Test func nothingRecordedGivesNoCosts() throws {
    let step = try WorkloadStep(.named("seed-dag-5"), Workload.named("seed-dag-5").suiteConfiguration, .whole)
    #expect(step.executable.measuredCosts(TraceRecorder(), workers: 1) == nil)
  }

  @Test func costsThatDoNotFitAreRefused() throws {
    let step = try WorkloadStep(.named("seed-dag-5"), Workload.named("seed-dag-5").suiteConfiguration, .whole)
    let plan = step.executable.plan
    let count = plan.taskCount
    func refusal(_ costs: MeasuredCosts) -> CostError? {
      do {
        try step.executable.use(costs)
        return nil
      } catch {
        return error
      }
    }
    let other = refusal(MeasuredCosts(plan: "abc", workers: 1, runs: 1, seconds: []))
    #expect(other?.code == .otherPlan)
    #expect(
      other?.message
        == "the costs were measured on plan abc and this is plan \(plan.fingerprint); measure this one")
    let few = refusal(costs(plan, [1]))
    #expect(few?.code == .wrongTaskCount)
    #expect(few?.message.contains("there are costs for 1 tasks and plan") == true)
    for time in [-1, Double.nan, .infinity] {
      let wrong = refusal(costs(plan, Array(repeating: time, count: count)))
      #expect(wrong?.code == .impossibleTime)
      #expect(wrong?.message.hasPrefix("the cost of task 0, “matmul”, is \(time) s") == true)
    }
    let costs = (0..<count).map { step.executable.taskGraph.cost(of: TaskID($0)).seconds }
    #expect(
      costs
        == (0..<count).map {
          TaskCost(picoseconds: TaskCost(seconds: plan.tasks.seconds[$0]).picoseconds).seconds
        })
  }

  @Test func tasksCountTheBytesOfTheirOperands() throws {
    let step = try WorkloadStep(.named("seed-dag-5"), Workload.named("seed-dag-5").suiteConfiguration, .whole)
    // The first product reads a matrix of 5 × 5 and a column, and writes a column.
    #expect(step.executable.taskBytes[0] == Double(4 * (25 + 5 + 5)))
    let empty = try step.executable.emptyTaskGraph()
    #expect(empty.taskCount == step.executable.plan.taskCount)
    #expect(empty.edgeCount == step.executable.taskGraph.edgeCount)
    #expect(empty.work == step.executable.taskGraph.work)
  }
}
