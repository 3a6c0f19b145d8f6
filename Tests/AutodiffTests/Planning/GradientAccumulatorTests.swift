import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

@Suite(.serialized) struct GradientAccumulatorTests {
  /// A graph that adds `count` contributions: products where `isProduct` says so, else elementwise values.
  private func sum(_ count: Int, isProduct: (Int) -> Bool) throws -> (graph: Graph, feeds: [String: Tensor]) {
    let g = GraphBuilder()
    let x = g.input("x", [6, 6], dtype: .float64)
    var terms: [Value] = []
    for index in 0..<count {
      let scaled = x * (1 + Double(index) / 8)
      terms.append(isProduct(index) ? matmul(scaled, x, transposeB: index % 2 == 1) : tanh(scaled))
    }
    let total: [Value] = g.apply(Accumulate(), to: terms)
    return (try g.graph(fetching: total), ["x": try Model.noise([6, 6], .float64, stream: 1)])
  }

  private func names(_ graph: Graph) -> [String] { graph.nodes.compactMap { $0.appliedOperator?.name } }

  @Test func productsChainWithoutAPassOfTheirOwn() throws {
    let (graph, _) = try sum(2) { _ in true }
    let rewritten = GradientAccumulator.rewrite(graph)
    #expect(!names(rewritten).contains("accumulate"))
    let products = rewritten.nodes.compactMap { $0.appliedOperator as? MatMul }
    #expect(products.map(\.accumulating) == [false, true])
  }

  @Test func aProductIsAddedToWhatIsThere() throws {
    let (graph, _) = try sum(2) { $0 == 1 }
    let rewritten = GradientAccumulator.rewrite(graph)
    #expect(!names(rewritten).contains("accumulate"))
    #expect(rewritten.nodes.compactMap { $0.appliedOperator as? MatMul }.map(\.accumulating) == [true])
  }

  @Test func aProductThatIsReadElsewhereKeepsItsValue() throws {
    let g = GraphBuilder()
    let x = g.input("x", [3, 3])
    let product = matmul(x, x)
    let total: [Value] = g.apply(Accumulate(), to: [tanh(x), product])
    let graph = try g.graph(fetching: total + [product])
    let rewritten = GradientAccumulator.rewrite(graph)
    #expect(names(rewritten).contains("accumulate"))
    let x0 = try Model.noise([3, 3], stream: 1)
    let outputs = try Executable(graph: graph).run(on: Executors.one, feedingByName: ["x": x0]).tensors
    let expected = try GraphInterpreter(graph).run(feeding: ["x": x0]).fetches
    for (a, b) in zip(outputs, expected) { #expect(try a.isClose(to: b, absolute: 1e-6, relative: 1e-6)) }
  }

  @Test(arguments: [2, 3, 4, 5, 7, 8, 64, 100])
  func fewAreFoldedAndManyMakeABalancedTree(_ count: Int) throws {
    let (graph, _) = try sum(count) { _ in false }
    let rewritten = GradientAccumulator.rewrite(graph)
    let sums = rewritten.nodes.indices.filter { rewritten.nodes[$0].appliedOperator is Accumulate }
    var depth = [Int](repeating: 0, count: rewritten.nodes.count)
    for (index, node) in rewritten.nodes.enumerated() {
      #expect(node.inputs.allSatisfy { $0.node < index })
      depth[index] =
        (node.inputs.map { depth[$0.node] }.max() ?? 0) + (node.appliedOperator is Accumulate ? 1 : 0)
    }
    for sum in sums.dropLast() { #expect(rewritten.nodes[sum].inputs.count == 2) }
    #expect(rewritten.nodes[sums.last!].inputs.count <= GradientAccumulator.maximumFold)
    // ⌈log₂ k⌉ levels would do with pairs alone; the fold at the root saves one.
    var levels = 0
    while 1 << levels < count { levels += 1 }
    #expect(depth.max()! <= max(levels, 1))
  }

  @Test func independentProductsFormSeveralChains() throws {
    let (graph, _) = try sum(64) { _ in true }
    let rewritten = GradientAccumulator.rewrite(graph)
    let heads = rewritten.nodes.compactMap { $0.appliedOperator as? MatMul }.filter { !$0.accumulating }.count
    #expect(heads > 1 && heads <= GradientAccumulator.maximumChains)
  }

  @Test(arguments: [2, 3, 5, 9, 17, 64])
  func sumsAreRightAndTheSameAtEveryWidth(_ count: Int) throws {
    for pattern in 0..<3 {
      let (graph, feeds) = try sum(count) { pattern == 0 || pattern == 1 && $0 % 3 != 0 }
      let expected = try GraphInterpreter(graph).run(feeding: feeds).fetches[0]
      for granularity in [Granularity.default, .whole, .finest] {
        let executable = try Executable(graph: graph, options: CompileOptions(granularity: granularity))
        #expect(executable.plan.complaints.isEmpty)
        var first: [UInt8]?
        for executor in Executors.all {
          for _ in 0..<3 {
            let total = try executable.run(on: executor, feedingByName: feeds).tensors[0]
            #expect(try total.isClose(to: expected, absolute: 1e-12, relative: 1e-11))
            #expect(first == nil || first == total.bytes)
            first = total.bytes
          }
        }
      }
    }
  }
}
