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
