import Testing
import TributaryAutodiff
import TributaryOps

/// Twice the operand, with a rule that a test chooses.
private struct Twice: DifferentiableOperator {
  enum Rule { case right, wrongType, wrongCount }
  var rule = Rule.right

  var name: String { "twice" }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float64 else {
      throw ShapeError(.dtype, "twice takes one f64 value")
    }
    return inputs
  }

  func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 1) }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let count = signature.outputs[0].elementCount
    return Kernel { arguments in
      let x = arguments.pointer(0, as: Double.self)
      let y = arguments.pointer(1, as: Double.self)
      for index in 0..<count { y[index] = 2 * x[index] }
      return .success
    }
  }

  func vjp(_ context: VJPContext) -> [Value?] {
    switch rule {
    case .right: [context.apply(Twice(), context.cotangent(0))]
    case .wrongType: [sum(context.cotangent(0))]
    case .wrongCount: []
    }
  }
}

/// An operator without a rule.
struct Opaque: Operator {
  var name: String { "opaque" }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] { inputs }

  func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 1) }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    Kernel { _ in .success }
  }
}

@Suite struct CustomOperatorTests {
  @Test("an operator from outside is applied and differentiated like any other")
  func applied() throws {
    var numbers = Numbers(seed: 5)
    let report = try GradientCheck(order: 2).run(at: [try numbers.tensor([3])]) { g, x in
      square(g.apply(Twice(), to: x[0]))
    }
    #expect(report.passed, "\(report)")
  }

  @Test("its shape errors are recorded")
  func refused() {
    let g = GraphBuilder()
    let outputs = g.apply(Twice(), to: [g.input("x", [2])])
    #expect(outputs.count == GraphBuilder.poisonedOutputCount)
    #expect(issues(of: g, fetching: [outputs[0]]).map(\.code) == [.dtype])
  }

  @Test("a rule that is wrong is an error, not a trap")
  func wrongRules() {
    for rule in [Twice.Rule.wrongType, .wrongCount] {
      let g = GraphBuilder()
      let x = g.input("x", [2], dtype: .float64)
      _ = g.gradients(of: sum(g.apply(Twice(rule: rule), to: x)), withRespectTo: [x])
      #expect(issues(of: g, fetching: []).map(\.code) == [.notDifferentiable])
    }
  }

  @Test("a way through an operator without a rule is an error that names it")
  func withoutRule() {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let opaque: Value = g.apply(Opaque(), to: x)
    _ = g.gradients(of: sum(opaque), withRespectTo: [x])
    let found = issues(of: g, fetching: [])
    #expect(found.map(\.subject) == ["opaque"])
    #expect(found.first?.message.contains("stopGradient") == true)
  }
}
