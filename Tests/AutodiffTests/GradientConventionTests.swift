import Testing
import TributaryAutodiff
import TributaryOps

/// What derivatives are where none exists: at ties, kinks and zeros.
@Suite struct GradientConventionTests {
  /// The gradient of Σ y by each point.
  private func gradients(
    at points: [[Double]], shape: Shape? = nil, _ function: (GraphBuilder, [Value]) -> Value
  ) throws -> [[Double]] {
    let g = GraphBuilder()
    var feeds: [String: Tensor] = [:]
    let inputs = try points.enumerated().map { index, elements in
      feeds["x\(index)"] = try Tensor(elements, shape: shape ?? [elements.count])
      return g.input("x\(index)", shape ?? [elements.count], dtype: .float64)
    }
    let d = g.gradients(of: sum(function(g, inputs)), withRespectTo: inputs)
    let outcome = try GraphInterpreter(try g.graph(fetching: d.all).simplified()).run(feeding: feeds)
    return try outcome.fetches.map { try $0.elements(Double.self) }
  }

  @Test("relu, abs and sign have slope 0 at 0")
  func kinks() throws {
    #expect(try gradients(at: [[-1, 0, -0.0, 2]]) { _, x in relu(x[0]) } == [[0, 0, 0, 1]])
    #expect(try gradients(at: [[-1, 0, -0.0, 2]]) { _, x in abs(x[0]) } == [[-1, 0, 0, 1]])
    #expect(try gradients(at: [[-1, 0, 2]]) { _, x in sign(x[0]) } == [[0, 0, 0]])
  }

  @Test("extremes that tie share evenly; operands that tie get half each")
  func ties() throws {
    #expect(try gradients(at: [[3, 1, 3, 3]]) { _, x in max(x[0]) * 6 } == [[2, 0, 2, 2]])
    #expect(
      try gradients(at: [[3, 1, 1, 3]], shape: [2, 2]) { _, x in min(x[0], axes: [0]) } == [[0, 1, 1, 0]])
    #expect(
      try gradients(at: [[1, 2, 3], [3, 2, 1]]) { _, x in maximum(x[0], x[1]) } == [
        [0, 0.5, 1], [1, 0.5, 0],
      ])
    #expect(
      try gradients(at: [[1, 2, 3], [3, 2, 1]]) { _, x in minimum(x[0], x[1]) } == [
        [1, 0.5, 0], [0, 0.5, 1],
      ])
    #expect(try gradients(at: [[1, 2]]) { _, x in maximum(x[0], x[0]) } == [[1, 1]])
  }

  @Test("the norm of the zero vector has slope 0, of the second order too")
  func normAtZero() throws {
    #expect(try gradients(at: [[0, 0]]) { _, x in norm(x[0]) } == [[0, 0]])
    let second = try gradients(at: [[0, 0]]) { g, x in
      let first = g.gradients(of: norm(x[0]), withRespectTo: [x[0]])
      return first.all[0]
    }
    #expect(second == [[0, 0]])
  }

  @Test("powers at 0")
  func powersAtZero() throws {
    #expect(try gradients(at: [[0, 2], [2, 3]]) { _, x in pow(x[0], x[1]) }[0] == [0, 12])
    #expect(try gradients(at: [[0, 1], [0, 0]]) { _, x in pow(x[0], x[1]) } == [[0, 0], [0, 0]])
    #expect(try gradients(at: [[0, 3]]) { _, x in pow(x[0], 0) } == [[0, 0]])
    #expect(try gradients(at: [[0, -2]]) { _, x in pow(x[0], 3) } == [[0, 12]])
  }

  @Test("log Σ eˣ bears infinities")
  func logSumExpLimits() throws {
    let g = GraphBuilder()
    let x = g.input("x", [3, 2])
    let y = logSumExp(x, axes: [1])
    let infinity = Float.infinity
    let tensor = try Tensor([1000, 1000, -infinity, -infinity, infinity, 0], shape: [3, 2])
    let result = try GraphInterpreter(try g.graph(fetching: [y])).run(feeding: ["x": tensor]).fetches[0]
    let values = try result.elements(Float.self)
    #expect(abs(values[0] - 1000.6931) < 1e-3)
    #expect(values[1] == -infinity && values[2] == infinity)
  }

  @Test("rows that are read twice add up")
  func repeatedIndices() throws {
    let found = try gradients(at: [[1, 2, 3]]) { g, x in
      guard let ids = try? Tensor([Int32(0), 2, 0, 0], shape: [4]) else { return x[0] }
      return indexSelect(x[0], g.constant(ids), axis: 0)
    }
    #expect(found == [[3, 0, 1]])
  }
}
