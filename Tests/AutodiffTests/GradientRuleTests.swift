import Testing
import TributaryAutodiff
import TributaryOps

@Suite struct GradientRuleTests {
  @Test("a rule agrees with central differences", arguments: GradientCase.all)
  func firstDerivative(_ function: GradientCase) throws {
    var numbers = Numbers(seed: 1)
    let points = try function.points(&numbers)
    let report = try GradientCheck().run(at: points, function.function)
    #expect(report.passed, "\(report)")
  }

  @Test(
    "the gradient of a gradient agrees with differences of the gradient",
    arguments: GradientCase.all.filter(\.isSmooth))
  func secondDerivative(_ function: GradientCase) throws {
    var numbers = Numbers(seed: 2)
    let points = try function.points(&numbers)
    let report = try GradientCheck(tolerance: 1e-6, order: 2).run(at: points, function.function)
    #expect(report.passed, "\(report)")
  }

  /// Operators of the cases whose second derivative no case checks, with the reason.
  private static let withoutSecondDerivative: [String: String] = [:]

  @Test("the second derivative of every operator is checked, but for those that have none")
  func everyOperator() throws {
    var operators: (all: Set<String>, twice: Set<String>) = ([], [])
    for function in GradientCase.all {
      var numbers = Numbers(seed: 2)
      let g = GraphBuilder()
      let x = try function.points(&numbers).enumerated().map { g.input("x\($0)", $1.shape, dtype: $1.dtype) }
      let y = function.function(g, x)
      let d = g.gradients(of: sum(y), withRespectTo: x.filter { $0.dtype == .float64 })
      // The operators of a gradient have derivatives of their own.
      let names = try g.graph(fetching: [y] + d.all).nodes.compactMap { node -> String? in
        let applied = node.appliedOperator
        return applied is any DifferentiableOperator ? applied?.name : nil
      }
      operators.all.formUnion(names)
      if function.isSmooth { operators.twice.formUnion(names) }
    }
    #expect(operators.all.count > 50)
    #expect(operators.all.subtracting(operators.twice) == Set(Self.withoutSecondDerivative.keys))
  }

  @Test("third derivatives exist too")
  func thirdDerivative() throws {
    var numbers = Numbers(seed: 3)
    let points = [try numbers.tensor([2, 3]), try numbers.tensor([3, 2])]
    let report = try GradientCheck(tolerance: 1e-5, order: 3).run(at: points) { _, x in
      tanh(matmul(x[0], x[1]))
    }
    #expect(report.passed, "\(report)")
  }

  @Test("a wrong rule is found")
  func wrongRule() throws {
    var numbers = Numbers(seed: 4)
    let report = try GradientCheck().run(at: [try numbers.tensor([3])]) { _, x in
      square(x[0]) + stopGradient(x[0])
    }
    #expect(!report.passed)
    #expect(report.largestError > 0.1)
  }
}
