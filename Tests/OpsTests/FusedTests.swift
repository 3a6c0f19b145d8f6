import Testing

@testable import TributaryOps

/// ``Fused`` and ``Epilogue`` against the operators that they stand for, one after the other.
@Suite struct FusedTests {
  /// The results of a fused operator's steps, each evaluated by itself.
  private func oneByOne(_ fused: Fused, on inputs: [Tensor]) throws -> [Tensor] {
    var results: [Tensor] = []
    for step in fused.steps {
      let operands = step.inputs.map { source in
        switch source {
        case .input(let number): inputs[number]
        case .result(let number): results[number]
        }
      }
      results += try step.applied.evaluate(on: operands)
    }
    return fused.outputs.map { results[$0] }
  }

  @Test("the bits are those of the steps one by one", arguments: OperatorCase.fused)
  func fusedBits(_ example: OperatorCase) throws {
    let fused = try #require(example.op as? Fused)
    let expected = try oneByOne(fused, on: example.inputs)
    let found = try fused.evaluate(on: example.inputs)
    #expect(found.map(\.type) == expected.map(\.type))
    #expect(found.map(\.bytes) == expected.map(\.bytes))
  }

  @Test("the bits are those of the root and the steps one by one", arguments: OperatorCase.epilogues)
  func epilogueBits(_ example: OperatorCase) throws {
    let epilogue = try #require(example.op as? Epilogue)
    let root = try epilogue.root.evaluate(on: Array(example.inputs[..<epilogue.rootInputs]))
    let expected = try oneByOne(epilogue.fused, on: root + example.inputs[epilogue.rootInputs...])
    #expect(try epilogue.evaluate(on: example.inputs).map(\.bytes) == expected.map(\.bytes))
  }

  @Test("a product with what follows it, adding to a sum so far and not", arguments: [false, true])
  func productBits(_ accumulating: Bool) throws {
    var random = TestRandom(33)
    let operands = [random.tensor(.float32, [40, 30]), random.tensor(.float32, [30, 200])]
    let sum = accumulating ? [random.tensor(.float32, [40, 200])] : []
    let bias = random.tensor(.float32, [200])
    let product = MatMul(accumulating: accumulating)
    let epilogue = Epilogue(product, inputs: 2 + sum.count, Fused.activation)
    let root = try product.evaluate(on: operands + sum)
    let expected = try oneByOne(Fused.activation, on: root + [bias])
    #expect(try epilogue.evaluate(on: operands + sum + [bias]).map(\.bytes) == expected.map(\.bytes))
  }

  @Test("operations are those of the steps, bytes those of inputs and outputs")
  func costs() throws {
    let (x, b) = (TensorType(.float32, [8, 16]), TensorType(.float32, [16]))
    let fused = Fused.activation
    let signature = Signature(inputs: [x, b], outputs: try fused.outputTypes(for: [x, b]))
    let cost = fused.cost(signature)
    #expect(cost.flops == Double(8 * 16 * (1 + 40 + 1)))
    #expect(
      cost.bytesRead == Double(x.byteCount + b.byteCount) && cost.bytesWritten == Double(2 * x.byteCount))

    let a = TensorType(.float32, [8, 4])
    let inputs = [a, TensorType(.float32, [4, 16]), b]
    let epilogue = Epilogue(MatMul(), inputs: 2, fused)
    let whole = epilogue.cost(Signature(inputs: inputs, outputs: signature.outputs))
    #expect(whole.flops == cost.flops + Double(2 * 8 * 4 * 16))
    #expect(whole.bytesWritten == cost.bytesWritten)
  }

  @Test func equalStepsAreEqualOperators() {
    let step = Fused.Step(Unary(.tanh), [.input(0)])
    #expect(Fused([step], outputs: [0]) == Fused([step], outputs: [0]))
    #expect(Fused([step], outputs: [0]) != Fused([Fused.Step(Unary(.exp), [.input(0)])], outputs: [0]))
    let (a, b) = (Fused([step], outputs: [0]), Fused.activation)
    #expect(Epilogue(MatMul(), inputs: 2, a) == Epilogue(MatMul(), inputs: 2, a))
    #expect(Epilogue(MatMul(), inputs: 2, a) != Epilogue(MatMul(), inputs: 2, b))
    #expect(Epilogue(MatMul(), inputs: 2, a) != Epilogue(MatMul(transposeA: true), inputs: 2, a))
    #expect(Set([a, a, b]).count == 2 && Set([Epilogue(MatMul(), inputs: 2, a)]).count == 1)
  }
}

extension OperandErrorTests {
  static var joined: [Mistake] {
    let f = TensorType(.float32, [4, 6])
    let row = TensorType(.float32, [6])
    let tanh = Fused.Step(Unary(.tanh), [.input(0)])
    let sum = Fused.Step(Reduce(.sum, axes: [1]), [.input(0)])
    let one = Fused([tanh], outputs: [0])
    func fused(_ steps: Fused.Step..., outputs: [Int] = [0]) -> Fused { Fused(steps, outputs: outputs) }
    func mistake(_ op: any Operator, _ inputs: [TensorType], _ code: ShapeError.Code, _ words: String...)
      -> Mistake
    {
      Mistake(op: op, inputs: inputs, code: code, mentions: words)
    }
    return [
      mistake(Fused([], outputs: []), [], .arity, "fused", "0 steps"),
      mistake(fused(tanh, outputs: []), [f], .arity, "0 outputs"),
      mistake(fused(tanh, outputs: [1]), [f], .arity, "step 1 of 1"),
      mistake(fused(tanh, outputs: [0, 0]), [f], .arity, "step 0 twice"),
      mistake(one, [], .arity, "step 0", "input(0)"),
      mistake(fused(Fused.Step(Unary(.exp), [.result(0)])), [f], .arity, "step 0", "result(0)"),
      mistake(one, [TensorType(.int32, [4])], .dtype, "tanh"),
      mistake(fused(Fused.Step(Softmax(axis: 1), [.input(0)])), [f], .arity, "step 0", "softmax"),
      mistake(fused(Fused.Step(Reduce(.sum, axes: [0]), [.input(0)])), [f], .arity, "sum", "last axis"),
      mistake(fused(sum), [TensorType(.float32, [2, 5000])], .arity, "4096"),
      mistake(
        fused(tanh, Fused.Step(Unary(.exp), [.input(1)]), outputs: [0, 1]), [f, row], .dimension, "one shape"),
      mistake(fused(sum, Fused.Step(Unary(.exp), [.result(0)]), outputs: [1]), [f], .dimension, "keep"),
      mistake(fused(sum, tanh, outputs: [0, 1]), [f], .dimension, "column"),
      mistake(
        fused(
          tanh, Fused.Step(Reduce(.sum, axes: [1], keepDimensions: true), [.input(1)]), outputs: [0]),
        [f, TensorType(.float32, [4, 3])], .dimension, "step 1", "reduces"),
      mistake(Epilogue(Softmax(axis: 1), inputs: 1, one), [f], .arity, "epilogue", "softmax"),
      mistake(Epilogue(MatMul(), inputs: 2, one), [f], .arity, "1 of 2"),
      mistake(Epilogue(MatMul(), inputs: 2, one), [f, f], .dimension, "matmul"),
      mistake(
        Epilogue(MatMul(transposeB: true), inputs: 2, fused(sum)), [f, f], .dimension, "epilogue", "shape"),
      mistake(
        Epilogue(
          MatMul(transposeB: true), inputs: 2,
          fused(
            Fused.Step(Reduce(.mean, axes: [1], keepDimensions: true), [.input(0)]),
            Fused.Step(Binary(.sub), [.input(0), .result(0)]), outputs: [1])), [f, f], .dimension,
        "reduce no rows"),
      mistake(
        Epilogue(MatMul(transposeB: true), inputs: 2, fused(Fused.Step(Cast(to: .int32), [.input(0)]))),
        [f, f],
        .dtype, "root's type"),
    ]
  }
}
