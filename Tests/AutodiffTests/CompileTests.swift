import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler

@Suite(.serialized) struct CompileTests {
  @Test("a compiled step agrees with the interpreter, values and new states")
  func step() throws {
    let g = GraphBuilder()
    let x0 = g.input("x0", [5, 1])
    let w1 = g.parameter("w1", [5, 5], initial: .normal(0.5))
    let w2 = g.parameter("w2", [5, 5], initial: .normal(0.5))
    let x1 = matmul(w1, x0)
    let q = norm(matmul(w1, x1 + (x0 + matmul(w2, x1))))
    let d = g.gradients(of: q, withRespectTo: [w1, w2])
    let update = Update([
      .init(state: w1, value: w1 - 0.1 * d[w1]), .init(state: w2, value: w2 - 0.1 * d[w2]),
    ])
    let fetches = [q, w1, d[w1], w1.afterStep]
    let executable = try g.compile(fetching: fetches, updating: update)
    let store = ParameterStore(executable, seed: 3)
    let x = try Tensor([Float(1), 2, -1, 0.5, 3], shape: [5, 1])
    let states = ["w1": try store.tensor(named: "w1"), "w2": try store.tensor(named: "w2")]
    let expected = try GraphInterpreter(try g.graph(fetching: fetches, updating: update)).run(
      feeding: ["x0": x], states: states)
    let outputs = try executable.run(on: try GraphExecutor(workers: 2), store, feeding: [x0: x])
    for (value, want) in zip(fetches, expected.fetches) {
      let found = try outputs[value].elements(Float.self)
      for (a, b) in zip(found, try want.elements(Float.self)) { #expect(abs(a - b) <= 1e-5 * max(1, abs(b))) }
    }
    for name in ["w1", "w2"] {
      let found = try store.tensor(named: name).elements(Float.self)
      let want = try #require(try expected.states[name]?.elements(Float.self))
      for (a, b) in zip(found, want) { #expect(abs(a - b) <= 1e-5) }
    }
  }

  @Test("compile throws every mistake at once")
  func mistakes() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2, 3])
    let y = matmul(x, x)
    let z = x + g.input("z", [4])
    #expect { try g.compile(fetching: [y, z]) } throws: { error in
      (error as? GraphError)?.issues.map(\.subject) == ["matmul", "add"]
    }
  }
}
