import Testing
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryAutodiff

@Suite(.serialized) struct MemoryPlanTests {
  @Test func twelveLayersNeedAThirdOfTheirValues() throws {
    let model = try Model.perceptron(Array(repeating: 256, count: 13), batch: 256)
    let plan = try Executable(graph: model.graph, options: CompileOptions(passes: PassSelection.none)).plan
    #expect((plan.peakBytes - plan.storeBytes) * 3 <= plan.valueBytes, "\(plan.summary)")
    #expect(plan.memoryEdgeCount > 0)
    // Joined operators leave out values between them, and make no others last longer.
    let joined = try Executable(graph: model.graph, options: CompileOptions(passes: .all)).plan
    #expect(joined.valueBytes < plan.valueBytes && joined.peakBytes <= plan.peakBytes, "\(joined.summary)")
  }

  @Test(arguments: [Granularity.default, .whole, .finest])
  func nothingOverlapsAndEverythingIsOrdered(_ granularity: Granularity) throws {
    let models: [Model] = try [
      .perceptron([40, 64, 64, 64, 64, 10], batch: 32), .seedDAG(64, columns: 64), .ensemble(4),
    ]
    for model in models {
      let plan = try Executable(graph: model.graph, options: CompileOptions(granularity: granularity)).plan
      #expect(plan.complaints.isEmpty, "\(plan.summary)")
    }
  }

  @Test func withoutMemoryEdgesOrdersShow() throws {
    let model = try Model.perceptron([24, 32, 32, 32, 32, 32, 8], batch: 16, dtype: .float64)
    func differs(_ memoryEdges: Bool) throws -> Bool {
      let executable = try Executable(
        graph: model.graph, options: CompileOptions(granularity: .whole, memoryEdges: memoryEdges))
      #expect(executable.plan.memoryEdgeCount > 0)
      #expect(executable.plan.complaints.isEmpty == memoryEdges)
      let store = ParameterStore(executable, seed: 3)
      let start = try store.snapshot()
      var random = SplitMix64(seed: 5)
      var first: [[UInt8]]?
      for _ in 0..<100 {
        try store.restore(start)
        var seen = try executable.run(
          inOrder: executable.plan.randomOrder(using: &random), store, feeding: model.feeds
        ).map(\.bytes)
        for name in store.names { seen.append(try store.tensor(named: name).bytes) }
        if let first, first != seen { return true }
        first = seen
      }
      return false
    }
    #expect(try differs(true) == false)
    #expect(try differs(false) == true)
  }

  @Test func budgetNarrowsThePlanAndThenFails() throws {
    let model = try Model.perceptron(Array(repeating: 128, count: 9), batch: 64)
    let free = try Executable(graph: model.graph).plan
    let narrow = try Executable(graph: model.graph, options: CompileOptions(referenceWidth: 1)).plan
    #expect(narrow.peakBytes < free.peakBytes)
    let fitted = try Executable(
      graph: model.graph, options: CompileOptions(memoryBudget: narrow.peakBytes)
    )
    #expect(fitted.plan.peakBytes <= narrow.peakBytes)
    #expect(fitted.plan.referenceWidth < free.referenceWidth)
    #expect(fitted.plan.complaints.isEmpty)
    do {
      _ = try Executable(graph: model.graph, options: CompileOptions(memoryBudget: 1000))
      Issue.record("a budget of 1000 bytes was met")
    } catch {
      #expect(error.code == .plan)
      #expect("\(error)".contains("at least"))
      #expect("\(error)".contains("budget of 1000"))
    }
  }
}
