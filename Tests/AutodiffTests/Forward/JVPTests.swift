import Testing
import TributaryAutodiff
import TributaryOps

@Suite struct JVPTests {
  /// ⟨v, Ju⟩ by forward mode and by the transpose of reverse mode over the whole graph, and ⟨Jᵀv, u⟩ by reverse mode,
  /// for random v and u; and the scale that rounding errors are measured by.
  private func products(
    _ function: GradientCase, seed: Int
  ) throws -> (forward: Double, transposed: Double, reverse: Double, scale: Double) {
    var numbers = Numbers(seed: seed)
    let g = GraphBuilder()
    var feeds: [String: Tensor] = [:]
    let x = try function.points(&numbers).enumerated().map { index, point in
      feeds["x\(index)"] = point
      return g.input("x\(index)", point.shape, dtype: point.dtype)
    }
    let xs = x.filter { $0.dtype == .float64 }
    let y = function.function(g, x)
    let us = try xs.map { try numbers.tensor($0.shape) }
    let v = try numbers.tensor(y.shape)
    let tangents = us.map { g.constant($0) }

    let ju = g.jvp(of: [y], withRespectTo: xs, tangents: tangents)[0]
    let jv = g.vjp(of: [y], cotangents: [g.constant(v)], withRespectTo: xs)
    // Jᵀw is linear in w: its own vector-Jacobian product by w is Ju.
    let w = g.input("w", y.shape, dtype: .float64)
    feeds["w"] = v
    let pulled = g.vjp(of: [y], cotangents: [w], withRespectTo: xs)
    let again = g.vjp(of: pulled, cotangents: tangents, withRespectTo: [w])[0]

    let graph = try g.graph(fetching: [ju, again] + jv)
    let found = try GraphInterpreter(graph.simplified()).run(feeding: feeds).fetches.map {
      try $0.elements(Double.self)
    }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let vs = try v.elements(Double.self)
    let reverse = try zip(found.dropFirst(2), us).reduce(0) { $0 + dot($1.0, try $1.1.elements(Double.self)) }
    let scale = (dot(vs, vs) * dot(found[0], found[0])).squareRoot()
    return (dot(vs, found[0]), dot(vs, found[1]), reverse, scale)
  }

  @Test("forward mode is the transpose of reverse mode", arguments: GradientCase.all)
  func transposed(_ function: GradientCase) throws {
    for seed in 1...3 {
      let it = try products(function, seed: seed)
      #expect(abs(it.forward - it.reverse) <= 1e-12 * max(it.scale, 1), "\(it)")
      #expect(abs(it.transposed - it.reverse) <= 1e-12 * max(it.scale, 1), "\(it)")
    }
  }

  @Test("the tangent is the derivative along a direction, of several values by several others")
  func values() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2], dtype: .float64)
    let y = g.input("y", [], dtype: .float64)
    let unrelated = g.input("z", [3], dtype: .float64)
    let h = square(x)
    let one = g.constant(try Tensor([1.0, 10], shape: [2]))
    // By x, and by h both itself and through x.
    let found = g.jvp(
      of: [h * y, x, unrelated, stopGradient(x) * y], withRespectTo: [x, y, h],
      tangents: [one, g.constant(100, dtype: .float64), one])
    let outcome = try GraphInterpreter(try g.graph(fetching: found)).run(feeding: [
      "x": try Tensor([2.0, 3], shape: [2]), "y": Tensor(0.5),
    ])
    let tangents = try outcome.fetches.map { try $0.elements(Double.self) }
    let byProduct: [Double] = [(4 + 1) * 0.5 + 400, (60 + 10) * 0.5 + 900]
    #expect(tangents == [byProduct, [1, 10], [0, 0, 0], [200, 300]])
  }

  @Test("nothing is differentiated through stopGradient, integers and comparisons, whatever lies behind them")
  func cuts() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let opaque: Value = g.apply(Opaque(), to: x)
    let whole = cast(cast(x, to: .int32), to: .float32)
    let y = stopGradient(opaque) + whole + cast(x .> 0, to: .float32) + x
    let found = g.jvp(of: [y], withRespectTo: [x], tangents: [x])
    let graph = try g.graph(fetching: found).simplified()
    #expect(graph.description == "%0 = input \"x\" : f32[2]\nfetch %0\n")
    let wide = g.jvp(of: [cast(x, to: .float64)], withRespectTo: [x], tangents: [x])
    #expect(wide[0].type == TensorType(.float64, [2]))
  }

  @Test("only what leads from the one to the other is built")
  func noNeedlessWork() throws {
    let g = GraphBuilder()
    let x = g.input("x", [4])
    let w = g.parameter("w", [4], initial: .constant(1))
    let y = tanh(x * w)
    _ = exp(y)
    let before = g.nodeCount
    _ = g.jvp(of: [y], withRespectTo: [w], tangents: [x])
    #expect(g.nodeCount - before == 2)
  }

  @Test("a chain of twenty thousand operators is walked without deep stacks, both ways")
  func depth() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2], dtype: .float64)
    var y = x
    for _ in 0..<20_000 { y = sin(y) }
    let one = g.constant(try Tensor([1.0, 1], shape: [2]))
    let found =
      g.jvp(of: [y], withRespectTo: [x], tangents: [one]) + g.gradients(of: sum(y), withRespectTo: [x]).all
    let outcome = try GraphInterpreter(try g.graph(fetching: found)).run(feeding: [
      "x": try Tensor([0.5, 1], shape: [2])
    ])
    let (forward, reverse) = (
      try outcome.fetches[0].elements(Double.self), try outcome.fetches[1].elements(Double.self)
    )
    for (a, b) in zip(forward, reverse) { #expect(abs(a - b) <= 1e-10 * abs(b) && a > 0) }
  }

  @Test("what is built for a node carries its scope and line")
  func attribution() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let line: UInt = #line + 1
    let y = g.scope("tower") { tanh(x) }
    let graph = try g.graph(fetching: g.jvp(of: [y], withRespectTo: [x], tangents: [x]))
    let node = try #require(graph.nodes.first { $0.appliedOperator?.name == "tanh_gradient" })
    #expect(node.name == "tangent/tower/tanh_gradient")
    #expect(node.source == "JVPTests.swift:\(line)")
  }

  @Test("what has no forward mode is an error that says so, and poisoned values stay silent")
  func refusals() {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let n = g.input("n", [2], dtype: .int32)
    let opaque: Value = g.apply(Opaque(), to: x)
    _ = g.jvp(of: [n], withRespectTo: [x], tangents: [x])
    _ = g.jvp(of: [x], withRespectTo: [n], tangents: [n])
    _ = g.jvp(of: [x], withRespectTo: [x], tangents: [])
    _ = g.jvp(of: [x], withRespectTo: [x], tangents: [sum(x)])
    _ = g.jvp(of: [opaque], withRespectTo: [x], tangents: [x])
    let foreign = GraphBuilder().input("x", [2])
    _ = g.jvp(of: [x], withRespectTo: [x], tangents: [foreign])
    let bad = x + g.input("y", [3])
    #expect(g.jvp(of: [bad], withRespectTo: [x], tangents: [x])[0].isPoisoned)
    let found = issues(of: g, fetching: [])
    #expect(
      found.map(\.code) == [
        .notDifferentiable, .notDifferentiable, .cotangent, .cotangent, .notDifferentiable, .foreignValue,
        .shape,
      ])
    #expect(found.prefix(4).allSatisfy { $0.subject == "jvp" })
    #expect(found[0].message.contains("'n' is i32[2]"))
    #expect(found[4].subject == "opaque" && found[4].message.contains("stopGradient"))
  }
}
