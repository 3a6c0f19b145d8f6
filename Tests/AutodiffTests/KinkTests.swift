import Testing
import TributaryAutodiff
import TributaryOps

/// Derivatives at zeros, bounds and ties of products, functions with constants and losses.
@Suite struct KinkTests {
  /// A function's value and the gradient of its sum, from numbers.
  private func run(
    _ numbers: [Double], shape: Shape? = nil, order: Int = 1, _ function: (GraphBuilder, Value) -> Value
  ) throws -> [Double] {
    let g = GraphBuilder()
    let x = g.input("x", shape ?? [numbers.count], dtype: .float64)
    var y = function(g, x)
    for _ in 0..<order { y = g.gradients(of: sum(y), withRespectTo: [x])[x] }
    let tensor = try Tensor(numbers, shape: shape ?? [numbers.count])
    let outcome = try GraphInterpreter(try g.graph(fetching: [y]).simplified()).run(feeding: ["x": tensor])
    return try outcome.fetches[0].elements(Double.self)
  }

  @Test("a product's derivative at zeros, alone or several")
  func zerosInProducts() throws {
    #expect(try run([2, 3, 4]) { _, x in prod(x) } == [12, 8, 6])
    #expect(try run([2, 0, 4]) { _, x in prod(x) } == [0, 8, 0])
    #expect(try run([0, 0, 4]) { _, x in prod(x) } == [0, 0, 0])
    #expect(try run([0, 3, 4, 0, 5], shape: [5, 1]) { _, x in prod(x, axes: [0]) } == [0, 0, 0, 0, 0])
    #expect(try run([7]) { _, x in prod(x) } == [1])
    #expect(try run([]) { _, x in prod(x) } == [])
    // Σⱼ ∂²/∂xᵢ∂xⱼ of x₀x₁x₂.
    #expect(try run([0, 0, 4], order: 2) { _, x in prod(x) } == [4, 4, 0])
    #expect(try run([0, 0, 0, 5], order: 3) { _, x in prod(x) } == [10, 10, 10, 0])
  }

  @Test("clamp has slope 0 at its bounds; leaky relu and elu the left slope at 0")
  func bounds() throws {
    #expect(try run([-2, -1, 0, 1, 2, .nan]) { _, x in clamp(x, min: -1, max: 1) } == [0, 0, 1, 0, 0, 0])
    #expect(try run([-2, -1, 0]) { _, x in clamp(x, min: -1) } == [0, 0, 1])
    #expect(try run([-1, 0, -0.0, 1]) { _, x in leakyRelu(x, negativeSlope: 0.5) } == [0.5, 0.5, 0.5, 1])
    #expect(try run([0, 1]) { _, x in elu(x, alpha: 3) } == [3, 1])
  }

  @Test("losses at equal operands and at a threshold")
  func equalOperands() throws {
    let zeros = { (g: GraphBuilder, x: Value) in g.constant(0, dtype: .float64) }
    #expect(
      try run([-1, 0, 2]) { g, x in meanAbsoluteError(x, zeros(g, x), reduction: .sum) } == [-1, 0, 1])
    #expect(
      try run([-3, -1, 0.5, 1, 3]) { g, x in huberLoss(x, zeros(g, x), reduction: .sum) } == [
        -1, -1, 0.5, 1, 1,
      ])
  }

  @Test("infinite logits and probabilities of zero cost what they should")
  func extremes() throws {
    let infinity = Double.infinity
    let values = try run([-1e4, 1e4, -800, 0], order: 0) { g, x in
      guard let t = try? Tensor([0.0, 1, 1, 0.5], shape: [4]) else { return x }
      return binaryCrossEntropy(logits: x, targets: g.constant(t), reduction: .none)
    }
    #expect(
      values[0] == 0 && values[1] == 0 && values[2] == 800 && abs(values[3] - 0.6931471805599453) < 1e-15)
    let divergence = try run([-1, -2, -infinity], order: 0) { g, x in
      guard let p = try? Tensor([0.0, 0.5, 0], shape: [3]) else { return x }
      return klDivergence(x, g.constant(p), reduction: .none)
    }
    #expect(divergence[0] == 0 && divergence[2] == 0 && abs(divergence[1] - 0.6534264097200273) < 1e-15)
    let logarithms = try run([-1, -2], order: 0) { g, x in
      guard let p = try? Tensor([-infinity, -0.5], shape: [2]) else { return x }
      return klDivergence(x, g.constant(p), isLogarithm: true, reduction: .none)
    }
    #expect(logarithms[0] == 0 && abs(logarithms[1] - 1.5 * 0.6065306597126334) < 1e-15)
  }

  @Test("targets have no derivative")
  func constantTargets() throws {
    let g = GraphBuilder()
    let x = g.input("x", [3], dtype: .float64)
    let t = g.input("t", [3], dtype: .float64)
    for loss in [
      binaryCrossEntropy(logits: x, targets: t), klDivergence(x, t), klDivergence(x, t, isLogarithm: true),
    ] {
      let d = g.gradients(of: loss, withRespectTo: [t])[t]
      let feeds = ["x": try Tensor([1.0, 2, 3], shape: [3]), "t": try Tensor([0.1, 0.2, 0.7], shape: [3])]
      let result = try GraphInterpreter(try g.graph(fetching: [d])).run(feeding: feeds).fetches[0]
      #expect(try result.elements(Double.self) == [0, 0, 0])
    }
  }
}
