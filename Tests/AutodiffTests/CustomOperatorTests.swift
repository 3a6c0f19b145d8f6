import Foundation
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

/// Sine and cosine in one pass: two outputs, a derivative rule, and the forward mode that follows from it.
private struct SinCos: DifferentiableOperator {
  var name: String { "sin_cos" }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float64 else {
      throw ShapeError(.dtype, "sin_cos takes one f64 value")
    }
    return [inputs[0], inputs[0]]
  }

  func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 20) }

  func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].rank == 1 ? [SplitAxis(0)] : []
  }

  func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region { region }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let shape = signature.outputs[0].shape
    return Kernel { arguments in
      let x = arguments.pointer(0, as: Double.self)
      let sines = arguments.pointer(1, as: Double.self)
      let cosines = arguments.pointer(2, as: Double.self)
      region.forEachRun(in: shape) { offset, length in
        for index in offset..<offset + length {
          sines[index] = sin(x[index])
          cosines[index] = cos(x[index])
        }
      }
      return .success
    }
  }

  func vjp(_ context: VJPContext) -> [Value?] {
    let terms = [
      context.cotangents[0].map { $0 * context.outputs[1] },
      context.cotangents[1].map { -($0 * context.outputs[0]) },
    ].compactMap { $0 }
    return [terms.dropFirst().reduce(terms[0], +)]
  }
}

/// The same with a rule of forward mode of its own, which a test chooses.
private struct DirectSinCos: DifferentiableOperator {
  enum Rule { case right, wrongType, wrongCount }
  var rule = Rule.right

  var name: String { "direct_sin_cos" }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try SinCos().outputTypes(for: inputs)
  }

  func cost(_ signature: Signature) -> Cost { SinCos().cost(signature) }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    try SinCos().makeKernel(signature, region: region)
  }

  func vjp(_ context: VJPContext) -> [Value?] { SinCos().vjp(context) }

  func jvp(_ context: JVPContext) -> [Value?] {
    let dx = context.tangent(0)
    switch rule {
    case .right: return [dx * context.outputs[1], -(dx * context.outputs[0])]
    case .wrongType: return [sum(dx), nil]
    case .wrongCount: return [dx]
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

  @Test("an operator of several outputs has every derivative, with a rule of forward mode and without")
  func severalOutputs() throws {
    var numbers = Numbers(seed: 7)
    let points = [try numbers.tensor([5])]
    for applied in [SinCos(), DirectSinCos()] as [any Operator] {
      for order in 1...3 {
        let report = try GradientCheck(tolerance: 1e-6, order: order).run(at: points) { g, x in
          let pair = g.apply(applied, to: [x[0]])
          return pair[0] * square(pair[1]) + pair[1]
        }
        #expect(report.passed, "\(applied.name) \(report)")
      }
      let g = GraphBuilder()
      let x = g.input("x", [5], dtype: .float64)
      let pair = g.apply(applied, to: [x])
      let found = g.jvp(of: [pair[1], pair[0]], withRespectTo: [x], tangents: [x])
      let hessian = g.hessian(of: sum(pair[0] * pair[1]), withRespectTo: x)
      let outcome = try GraphInterpreter(try g.graph(fetching: found + [hessian])).run(feeding: [
        "x": points[0]
      ])
      let (down, up) = (
        try outcome.fetches[0].elements(Double.self), try outcome.fetches[1].elements(Double.self)
      )
      let curvature = try outcome.fetches[2].elements(Double.self)
      for (index, x) in try points[0].elements(Double.self).enumerated() {
        #expect(abs(up[index] - x * cos(x)) < 1e-15 && abs(down[index] + x * sin(x)) < 1e-15)
        #expect(abs(curvature[index * 6] + 2 * sin(2 * x)) < 1e-14)
      }
    }
  }

  @Test("a rule of forward mode is used, and a wrong one is an error, not a trap")
  func forwardRules() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2], dtype: .float64)
    let pair = g.apply(DirectSinCos(), to: [x])
    let before = g.nodeCount
    _ = g.jvp(of: [pair[0]], withRespectTo: [x], tangents: [x])
    #expect(g.nodeCount == before + 3)
    for rule in [DirectSinCos.Rule.wrongType, .wrongCount] {
      let g = GraphBuilder()
      let x = g.input("x", [2], dtype: .float64)
      let pair = g.apply(DirectSinCos(rule: rule), to: [x])
      _ = g.jvp(of: [pair[0]], withRespectTo: [x], tangents: [x])
      let found = issues(of: g, fetching: [])
      #expect(found.map(\.code) == [.notDifferentiable] && found[0].subject == "direct_sin_cos")
    }
    for rule in [Twice.Rule.wrongType, .wrongCount] {
      let g = GraphBuilder()
      let x = g.input("x", [2], dtype: .float64)
      _ = g.jvp(of: [g.apply(Twice(rule: rule), to: x)], withRespectTo: [x], tangents: [x])
      #expect(issues(of: g, fetching: []).map(\.code) == [.notDifferentiable])
    }
  }

  @Test("an operator from outside is recomputed like any other")
  func recomputed() throws {
    let g = GraphBuilder()
    let x = g.input("x", [4], dtype: .float64)
    func function() -> Value {
      let pair = g.apply(SinCos(), to: [x])
      return sum(pair[0] * tanh(pair[1]))
    }
    let found = [function(), g.recompute { function() }].map { g.gradients(of: $0, withRespectTo: [x])[x] }
    let point = try Tensor([0.1, 1, 2, -3], shape: [4])
    let outcome = try GraphInterpreter(try g.graph(fetching: found).simplified()).run(feeding: ["x": point])
    #expect(try outcome.fetches[0].elements(Double.self) == outcome.fetches[1].elements(Double.self))
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
