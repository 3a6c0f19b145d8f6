import Testing
import TributaryAutodiff
import TributaryOps

extension Graph {
  /// How many nodes apply an operator of a name.
  func count(_ name: String) -> Int { nodes.count { $0.appliedOperator?.name == name } }
}

@Suite struct GradientStructureTests {
  /// x1 = w1·x0, x2 = x0 + w2·x1, x3 = w1·(x1 + x2), q = ‖x3‖, in which w1 and x1 are used twice.
  private func seed(_ g: GraphBuilder) -> (w1: Value, w2: Value, x0: Value, q: Value) {
    let x0 = g.input("x0", [5, 1])
    let w1 = g.parameter("w1", [5, 5], initial: .normal(0.05))
    let w2 = g.parameter("w2", [5, 5], initial: .normal(0.05))
    let x1 = matmul(w1, x0)
    let x2 = x0 + matmul(w2, x1)
    let x3 = matmul(w1, x1 + x2)
    return (w1, w2, x0, norm(x3))
  }

  @Test("the seed has two accumulations: of w1 and of x1, each of two contributions")
  func seedAccumulations() throws {
    let g = GraphBuilder()
    let (w1, w2, _, q) = seed(g)
    let d = g.gradients(of: q, withRespectTo: [w1, w2])
    let graph = try g.graph(fetching: [d[w1], d[w2]])
    let accumulations = graph.nodes.filter { $0.appliedOperator is Accumulate }
    #expect(accumulations.map(\.inputs.count) == [2, 2])
    #expect(accumulations.last?.outputs == [TensorType(.float32, [5, 5])])
    // Forward 3, backward 2 for each of the last two, and 1 for the first, whose input nobody asked for.
    #expect(graph.count("matmul") == 8)
    #expect(graph.count("transpose") == 0)
  }

  @Test("every contribution meets in one node, in order of production")
  func contributionOrder() throws {
    let g = GraphBuilder()
    let x = g.input("x", [3])
    let y = sum(exp(x)) + sum(tanh(x)) + sum(sin(x)) + sum(x)
    let d = g.gradients(of: y, withRespectTo: [x])
    let graph = try g.graph(fetching: d.all)
    let accumulation = try #require(graph.nodes.first { $0.appliedOperator is Accumulate })
    #expect(graph.count("accumulate") == 1)
    // The last reader of x comes first.
    let makers = accumulation.inputs.map { graph.nodes[$0.node].appliedOperator?.name }
    #expect(makers == ["broadcast_to", "mul", "tanh_gradient", "mul"])
    #expect(graph.description == (try g.graph(fetching: d.all)).description)
  }

  @Test("nothing is built for what was not asked for")
  func noNeedlessWork() throws {
    let g = GraphBuilder()
    let x = g.input("x", [8, 4])
    let w = g.parameter("w", [4, 3], initial: .glorotUniform)
    let b = g.parameter("b", [3], initial: .constant(0))
    let loss = mean(square(tanh(matmul(x, w) + b)))
    let before = g.nodeCount
    let d = g.gradients(of: loss, withRespectTo: [b])
    let onlyBias = g.nodeCount - before
    let graph = try g.graph(fetching: [d[b]])
    #expect(graph.count("matmul") == 1)
    #expect(graph.count("sum") == 1)
    _ = g.gradients(of: loss, withRespectTo: [w, b])
    #expect(g.nodeCount - before == 2 * onlyBias + 1)
  }

  @Test("a dense layer's weight gradient is one product, also over several leading axes")
  func foldedWeightGradient() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2, 6, 4])
    let w = g.parameter("w", [4, 3], initial: .glorotUniform)
    let d = g.gradients(of: sum(tanh(matmul(x, w))), withRespectTo: [w])
    let graph = try g.graph(fetching: [d[w]]).simplified()
    let products = graph.nodes.filter { $0.appliedOperator is MatMul }
    #expect(products.count == 2)
    #expect(products.last.map { graph.signature(of: $0).inputs.map(\.shape) } == [[12, 4], [12, 3]])
    #expect(graph.count("sum") == 0)
  }

  @Test("unreachable values get explicit zeros, as do values behind stopGradient and integers")
  func zeros() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let y = g.input("y", [3])
    let loss = sum(stopGradient(x) * 2) + sum(cast(cast(x, to: .int32), to: .float32))
    let d = g.gradients(of: loss, withRespectTo: [x, y])
    let outcome = try GraphInterpreter(try g.graph(fetching: d.all)).run()
    #expect(try outcome.fetches.map { try $0.elements(Float.self) } == [[0, 0], [0, 0, 0]])
  }

  @Test("a value's gradient by itself is its cotangent")
  func identity() throws {
    let g = GraphBuilder()
    let x = g.input("x", [])
    let d = g.gradients(of: x, withRespectTo: [x])
    let outcome = try GraphInterpreter(try g.graph(fetching: d.all)).run()
    #expect(try outcome.fetches[0].scalar(Float.self) == 1)
  }

  @Test("activations are differentiated by, and the way through them goes on")
  func activations() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2], dtype: .float64)
    let h = square(x)
    let d = g.gradients(of: sum(h * h), withRespectTo: [h, x])
    let outcome = try GraphInterpreter(try g.graph(fetching: d.all)).run(feeding: [
      "x": try Tensor([1.0, 3.0], shape: [2])
    ])
    #expect(try outcome.fetches.map { try $0.elements(Double.self) } == [[2, 18], [4, 108]])
  }

  @Test("several outputs with their cotangents")
  func cotangents() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2], dtype: .float64)
    let a = square(x)
    let b = sum(x)
    let d = g.gradients(
      of: [a, b, a],
      cotangents: [g.constant(try Tensor([1.0, 10], shape: [2])), g.constant(100, dtype: .float64), x],
      withRespectTo: [x])
    let outcome = try GraphInterpreter(try g.graph(fetching: d.all)).run(feeding: [
      "x": try Tensor([1.0, 3.0], shape: [2])
    ])
    // 2x·(c + x) + 100
    #expect(try outcome.fetches[0].elements(Double.self) == [2 * 2 + 100, 6 * 13 + 100])
  }

  @Test("what has no derivative is an error that says so")
  func refusals() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let n = g.input("n", [2], dtype: .int32)
    _ = g.gradients(of: sum(n), withRespectTo: [x])
    _ = g.gradients(of: sum(x), withRespectTo: [n])
    _ = g.gradients(of: x, withRespectTo: [x])
    _ = g.gradients(of: [x], cotangents: [], withRespectTo: [x])
    _ = g.gradients(of: [x], cotangents: [sum(x)], withRespectTo: [x])
    let d = g.gradients(of: sum(x), withRespectTo: [x])
    _ = d[n]
    #expect(
      issues(of: g, fetching: []).map(\.code) == [
        .notDifferentiable, .notDifferentiable, .cotangent, .cotangent, .cotangent, .notRequested,
      ])
  }

  @Test("gradients of poisoned values are poisoned, and the mistake is reported once")
  func poisoned() {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let bad = x + g.input("y", [3])
    let d = g.gradients(of: sum(bad), withRespectTo: [x])
    #expect(d[x].isPoisoned)
    #expect(issues(of: g, fetching: d.all).count == 1)
  }

  @Test("what is built for a node carries its scope and line")
  func attribution() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let line: UInt = #line + 1
    let y = g.scope("tower") { tanh(x) }
    let d = g.gradients(of: sum(y), withRespectTo: [x])
    let graph = try g.graph(fetching: d.all)
    let node = try #require(graph.nodes.first { $0.appliedOperator?.name == "tanh_gradient" })
    #expect(node.name == "gradient/tower/tanh_gradient")
    #expect(node.source == "GradientStructureTests.swift:\(line)")
  }
}
