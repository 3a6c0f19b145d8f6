import Testing
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryAutodiff

/// What the plan computes again by itself, to meet a memory budget.
@Suite(.serialized) struct BudgetTests {
  /// What two steps hand back and leave behind.
  private func bits(_ executable: Executable, _ feeds: [String: Tensor], on executor: GraphExecutor) throws
    -> [[UInt8]]
  {
    let store = ParameterStore(executable, seed: 3)
    var seen: [[UInt8]] = []
    for _ in 0..<2 {
      seen += try executable.run(on: executor, store, feedingByName: feeds).tensors.map(\.bytes)
    }
    for name in store.names { seen.append(try store.tensor(named: name).bytes) }
    return seen
  }

  /// The same for one step in a random order of the tasks, in an arena full of signalling NaNs.
  private func bits(_ executable: Executable, _ feeds: [String: Tensor], order seed: UInt64) throws
    -> [[UInt8]]
  {
    let store = ParameterStore(executable, seed: 3)
    var random = SplitMix64(seed: seed)
    let order = executable.plan.randomOrder(using: &random)
    var seen = try executable.run(inOrder: order, store, feeding: feeds).map(\.bytes)
    for name in store.names { seen.append(try store.tensor(named: name).bytes) }
    return seen
  }

  /// Dense layers whose values outweigh their weights.
  private func deep(layers: Int = 16, width: Int = 24, batch: Int = 256) throws -> Model {
    try Model.perceptron(Array(repeating: width, count: layers + 1), batch: batch)
  }

  @Test("a deep net fits a budget that narrowing alone cannot meet, with the same bits in every order")
  func deepNet() throws {
    let model = try deep()
    let free = try Executable(graph: model.graph)
    let narrow = try Executable(graph: model.graph, options: CompileOptions(referenceWidth: 1)).plan
    let want = try bits(free, model.feeds, on: Executors.one)
    let once = try bits(free, model.feeds, order: 1)
    for share in [0.8, 0.6, 0.5] {
      let budget = narrow.peakBytes - Int(Double(narrow.arenaBytes) * (1 - share))
      let fitted = try Executable(graph: model.graph, options: CompileOptions(memoryBudget: budget))
      #expect(fitted.plan.peakBytes <= budget, "\(fitted.plan.summary)")
      #expect(fitted.plan.recomputedCount > 0)
      #expect(fitted.plan.summary.contains("operators computed again"))
      #expect(fitted.plan.work.seconds > free.plan.work.seconds)
      #expect(fitted.plan.complaints.isEmpty)
      for executor in Executors.all { #expect(try bits(fitted, model.feeds, on: executor) == want) }
      for seed in 1...5 { #expect(try bits(fitted, model.feeds, order: UInt64(seed)) == once) }
    }
    let wide = try Executable(graph: model.graph, options: CompileOptions(memoryBudget: free.plan.peakBytes))
    #expect(wide.plan.recomputedCount == 0 && wide.plan.referenceWidth == free.plan.referenceWidth)
  }

  @Test("cheap operators are computed again before dear ones")
  func cheapFirst() throws {
    let g = GraphBuilder()
    var h = g.input("x", [256, 256])
    for layer in 0..<4 {
      let w = g.parameter("w\(layer)", [256, 256], initial: .glorotUniform)
      // All three are kept for the backward pass; two of them follow from the first.
      let z = matmul(h, w)
      h = exp(z) * square(z) * 0.1
    }
    let model = try Model.descent(g, mean(square(h)), feeds: ["x": Model.noise([256, 256], stream: 1)])
    let graph = model.graph.simplified()
    let narrow = try Executable(graph: graph, options: CompileOptions(referenceWidth: 1)).plan
    let budget = narrow.peakBytes - 3 * 256 * 256 * 4
    let plan = try Executable(graph: graph, options: CompileOptions(memoryBudget: budget)).plan
    #expect(plan.peakBytes <= budget)
    let again = plan.graph.steps.filter(\.isRecomputed)
    #expect(!again.isEmpty && !again.contains { $0.applied?.name == "matmul" }, "\(again.map(\.name))")
    #expect(again.allSatisfy { $0.name.hasPrefix("recompute/") })
  }

  @Test("random graphs within random budgets have the same bits, or an error that names the least peak")
  func randomGraphs() throws {
    var recomputed = 0
    for seed in RandomModelTests.seeds {
      let model = try RandomModel(
        seed: seed, size: 6 + Int(seed % 24), isRecomputed: seed.isMultiple(of: 3))
      let graph = try model.builder.graph(fetching: model.fetches, updating: model.update).simplified()
      let feeds = Dictionary(uniqueKeysWithValues: model.feeds.map { ($0.key.name, $0.value) })
      func compile(_ budget: Int?, width: Int = 32) throws -> Executable {
        try Executable(
          graph: graph, fetching: model.fetches,
          options: CompileOptions(granularity: .finest, memoryBudget: budget, referenceWidth: width))
      }
      let free = try compile(nil)
      let narrow = try compile(nil, width: 1).plan
      let want = try bits(free, feeds, on: Executors.one)
      let once = try bits(free, feeds, order: seed)
      for lowered in [64, narrow.arenaBytes / 6, narrow.arenaBytes / 3] {
        do {
          let fitted = try compile(narrow.peakBytes - lowered)
          recomputed += fitted.plan.recomputedCount
          #expect(fitted.plan.peakBytes <= narrow.peakBytes - lowered)
          #expect(fitted.plan.complaints.isEmpty, "seed \(seed)")
          #expect(try bits(fitted, feeds, on: Executors.all[2]) == want, "seed \(seed)")
          #expect(try bits(fitted, feeds, order: seed) == once, "seed \(seed)")
        } catch let error as GraphError {
          #expect(error.code == .plan)
        }
      }
    }
    #expect(recomputed > RandomModelTests.seeds.count)
  }

  @Test("the least peak that the error names is met, and one byte less is not")
  func leastPeak() throws {
    let model = try deep(layers: 6)
    func compile(_ budget: Int) throws(GraphError) -> Plan {
      try Executable(graph: model.graph, options: CompileOptions(memoryBudget: budget)).plan
    }
    let error = #expect(throws: GraphError.self) { _ = try compile(1000) }
    let text = try #require(error?.description)
    #expect(error?.code == .plan)
    #expect(text.contains("more than the budget of 1000 (1.0 kB), even where values are computed again"))
    #expect(text.contains("matmul") && text.contains("feed smaller batches"))
    let least = try #require(text.firstMatch(of: /at least ([0-9]+) bytes/).flatMap { Int($0.1) })
    let narrow = try Executable(graph: model.graph, options: CompileOptions(referenceWidth: 1)).plan
    #expect(least < narrow.peakBytes)
    #expect(try compile(least).peakBytes == least)
    #expect(throws: GraphError.self) { _ = try compile(least - 1) }
  }
}
