import Testing
import Tributary
import TributaryTestSupport
import TributaryWorkloads

@testable import TributaryAutodiff

/// The edges of every workload's task graph order all that must be ordered: whatever order they allow gives the same bits.
@Suite struct WorkloadOrderTests {
  /// Many small tasks.
  private static let small = Granularity(
    matrixColumns: 16, matrixRows: 8, matrixSeconds: 0, rowShards: 2, streamSeconds: 0, alignedSeconds: 0,
    maximumShards: 3, clusterSeconds: 0.2e-6)

  private func compare(_ step: WorkloadStep, orders: Int, seed: UInt64) throws {
    let plan = step.executable.plan
    let expected = try step.bits(on: Executors.one)
    var random = SplitMix64(seed: seed)
    for number in 0..<orders {
      let order = plan.randomOrder(using: &random)
      #expect(order.count == plan.taskCount)
      let bits = try step.bits {
        try step.executable.run(inOrder: order, $0, feeding: step.feeds)
      }
      guard bits == expected else {
        Issue.record("order \(number) of seed \(seed) gives other bits: \(order)")
        return
      }
    }
  }

  @Test(arguments: Workload.suite.map(\.name))
  func aHundredOrdersOfManySmallTasksGiveTheSameBits(_ name: String) throws {
    let workload = try Workload.named(name)
    let step = try WorkloadStep(workload, workload.reducedConfiguration, Self.small)
    #expect(step.executable.plan.taskCount > 8)
    try compare(step, orders: 100, seed: 11)
  }

  /// The suite's own plans; of those whose steps take long, fewer orders.
  @Test(arguments: Workload.suite.map(\.name))
  func ordersOfTheSuitesPlansGiveTheSameBits(_ name: String) throws {
    let workload = try Workload.named(name)
    let isLong = ["mlp-wide", "cnn", "inception", "transformer", "seed-dag-512"].contains(name)
    try compare(
      WorkloadStep(workload, workload.suiteConfiguration, .default), orders: isLong ? 5 : 100, seed: 12)
  }
}
