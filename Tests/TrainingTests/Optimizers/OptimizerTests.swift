import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler

@testable import TributaryTraining

/// An optimiser's formula in plain Swift: one parameter vector, its moments, and how a step changes them.
struct Formula: Sendable, CustomTestStringConvertible {
  var optimizer: any Optimizer
  var step: @Sendable (_ p: inout Double, _ g: Double, _ m: inout (Double, Double), _ t: Int) -> Void
  var testDescription: String

  init(
    _ name: String, _ optimizer: any Optimizer,
    _ step: @escaping @Sendable (inout Double, Double, inout (Double, Double), Int) -> Void
  ) {
    testDescription = name
    self.optimizer = optimizer
    self.step = step
  }

  private static func adam(
    _ p: inout Double, _ g: Double, _ m: inout (Double, Double), _ t: Int, decay: Double
  ) {
    p *= 1 - 0.01 * decay
    m.0 = 0.8 * m.0 + 0.2 * g
    m.1 = 0.95 * m.1 + 0.05 * g * g
    var powers = (1.0, 1.0)
    for _ in 0..<t { powers = (powers.0 * 0.8, powers.1 * 0.95) }
    p -= 0.01 * (m.0 / (1 - powers.0)) / ((m.1 / (1 - powers.1)).squareRoot() + 1e-6)
  }

  static let all: [Formula] = [
    Formula("sgd", SGD(learningRate: 0.05)) { p, g, _, _ in p -= 0.05 * g },
    Formula("sgd with momentum", SGD(learningRate: 0.05, momentum: 0.9)) { p, g, m, _ in
      m.0 = 0.9 * m.0 + g
      p -= 0.05 * m.0
    },
    Formula("nesterov", SGD(learningRate: 0.05, momentum: 0.9, nesterov: true)) { p, g, m, _ in
      m.0 = 0.9 * m.0 + g
      p -= 0.05 * (g + 0.9 * m.0)
    },
    Formula("adam", Adam(learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-6)) { p, g, m, t in
      adam(&p, g, &m, t, decay: 0)
    },
    Formula(
      "adamw", AdamW(learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.3)
    ) { p, g, m, t in adam(&p, g, &m, t, decay: 0.3) },
    Formula("rmsprop", RMSprop(learningRate: 0.01, alpha: 0.9, epsilon: 1e-6)) { p, g, m, _ in
      m.0 = 0.9 * m.0 + 0.1 * g * g
      p -= 0.01 * g / (m.0.squareRoot() + 1e-6)
    },
    Formula("adagrad", Adagrad(learningRate: 0.1, epsilon: 1e-6)) { p, g, m, _ in
      m.0 += g * g
      p -= 0.1 * g / (m.0.squareRoot() + 1e-6)
    },
    Formula(
      "cosine rate", SGD(learningRate: .cosine(peak: 0.1, floor: 0.01, total: 5))
    ) { p, g, _, t in
      p -= LearningRateSchedule.cosine(peak: 0.1, floor: 0.01, total: 5).rate(at: t - 1) * g
    },
    Formula("step rate", SGD(learningRate: .step(initial: 0.1, gamma: 0.5, every: 3))) { p, g, _, t in
      p -= [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025][t - 1] * g
    },
  ]
}

@Suite struct OptimizerTests {
  private let start = [3, -2, 0.5, 0]
  private let target = [1, 1, -1, 0.25]

  /// Steps on Σ(p − target)²·weight in float64.
  @Test(arguments: Formula.all) func followsItsFormula(formula: Formula) throws {
    let builder = GraphBuilder()
    let p = builder.parameter("p", [4], dtype: .float64, initial: .values(start))
    let goal = builder.constant(try Tensor(target, shape: [4]))
    let loss = sum(square(p - goal))
    let step = try builder.compile(fetching: [loss], updating: formula.optimizer.minimizing(loss))
    let store = ParameterStore(step, seed: 1)
    let executor = try GraphExecutor(workers: 2)

    var expected = start
    var moments = [(Double, Double)](repeating: (0, 0), count: 4)
    for t in 1...8 {
      _ = try step.run(on: executor, store)
      for i in 0..<4 { formula.step(&expected[i], 2 * (expected[i] - target[i]), &moments[i], t) }
      let got = try store.tensor(named: "p").elements(Double.self)
      for i in 0..<4 { #expect(abs(got[i] - expected[i]) < 1e-10, "step \(t): \(got) \(expected)") }
    }
  }

  @Test(arguments: [0.5, 3, 1e6]) func clippingScalesAllGradientsAlike(bound: Double) throws {
    let builder = GraphBuilder()
    let a = builder.parameter("a", [2], dtype: .float64, initial: .values([1, 2]))
    let b = builder.parameter("b", [1], dtype: .float64, initial: .values([-3]))
    let loss = sum(square(a)) + sum(square(b))
    let step = try builder.compile(
      fetching: [loss], updating: SGD(learningRate: 0.1, clipNorm: bound).minimizing(loss))
    let store = ParameterStore(step, seed: 1)
    _ = try step.run(on: GraphExecutor(workers: 1), store)
    let norm = (4.0 + 16 + 36).squareRoot()
    let scale = Swift.min(1, bound / (norm + 1e-6))
    let got =
      try store.tensor(named: "a").elements(Double.self) + store.tensor(named: "b").elements(Double.self)
    for (value, first) in zip(got, [1.0, 2, -3]) {
      #expect(abs(value - (first - 0.1 * scale * 2 * first)) < 1e-12)
    }
  }

  @Test func clippingByValueComesBeforeTheNorm() throws {
    func parameters(_ optimizer: some Optimizer) throws -> [Double] {
      let builder = GraphBuilder()
      let a = builder.parameter("a", [3], dtype: .float64, initial: .values([1, -4, 0.25]))
      let loss = sum(square(a))
      let step = try builder.compile(fetching: [loss], updating: optimizer.minimizing(loss))
      let store = ParameterStore(step, seed: 1)
      _ = try step.run(on: GraphExecutor(workers: 1), store)
      return try store.tensor(named: "a").elements(Double.self)
    }
    // The gradient is [2, −8, 0.5].
    #expect(try parameters(SGD(learningRate: 0.5, clipValue: 1)) == [0.5, -3.5, 0])
    let scale = 1.5 / (2.25.squareRoot() + 1e-6)
    let both = try parameters(SGD(learningRate: 0.5, clipNorm: 1.5, clipValue: 1))
    for (got, want) in zip(both, [1 - 0.5 * scale, -4 + 0.5 * scale, 0.25 - 0.25 * scale]) {
      #expect(abs(got - want) < 1e-14)
    }
    #expect(throws: GraphError.self) { try parameters(Adam(clipNorm: -1)) }
  }

  @Test func statesAreThereOnlyWhereNeeded() throws {
    func states(_ optimizer: some Optimizer) -> [String] {
      let builder = GraphBuilder()
      let p = builder.parameter("p", [2], initial: .constant(1))
      _ = optimizer.minimizing(sum(square(p)))
      return builder.states.map(\.name)
    }
    #expect(states(SGD(learningRate: 0.1)) == ["p"])
    #expect(states(SGD(learningRate: 0.1, momentum: 0.9)) == ["p", "optimizer/p/velocity"])
    #expect(states(SGD(learningRate: .cosine(peak: 1, floor: 0, total: 2))) == ["p", "optimizer/step"])
    #expect(
      states(Adam()) == ["p", "optimizer/step", "optimizer/p/first", "optimizer/p/second"])
  }

  @Test func otherParametersStay() throws {
    let builder = GraphBuilder()
    let a = builder.parameter("a", [1], initial: .constant(1))
    let b = builder.parameter("b", [1], initial: .constant(1))
    let loss = sum(a * b)
    let step = try builder.compile(
      fetching: [loss], updating: SGD(learningRate: 0.5).minimizing(loss, parameters: [b]))
    let store = ParameterStore(step, seed: 1)
    _ = try step.run(on: GraphExecutor(workers: 1), store)
    #expect(try store.tensor(named: "a").elements(Float.self) == [1])
    #expect(try store.tensor(named: "b").elements(Float.self) == [0.5])
  }
}
