import TributaryAutodiff
import TributaryOps

extension OperatorFamily {
  /// Operators made by the planner of several others.
  static let joined: [OperatorFamily] = [
    OperatorFamily("Fused", wild: { $0.anySteps() }) { d in
      let shape = d.shape(1...3)
      let inputs = 1 + d.below(3)
      let steps = d.steps(inputs: inputs)
      let outputs = steps.indices.filter { $0 == steps.count - 1 || d.below(3) == 0 }
      return OperatorUse(
        Fused(steps, outputs: outputs), try (0..<inputs).map { _ in try d.tensor(shape) }, order: 0)
    },
    OperatorFamily("Epilogue", wild: { Epilogue(MatMul(), inputs: $0.below(4), $0.anySteps()) }) { d in
      let (m, k, n) = (1 + d.below(9), 1 + d.below(9), 1 + d.below(9))
      let inputs = 1 + d.below(3)
      let steps = d.steps(inputs: inputs)
      let points =
        try [d.tensor([m, k]), d.tensor([k, n])] + (1..<inputs).map { _ in try d.tensor([m, n]) }
      return OperatorUse(
        Epilogue(MatMul(), inputs: 2, Fused(steps, outputs: [steps.count - 1])), points, order: 0)
    },
  ]
}

extension Draw {
  /// Elementwise steps that fit: each reads inputs and results before it.
  fileprivate mutating func steps(inputs: Int) -> [Fused.Step] {
    (0...below(5)).map { index in
      let source = { (d: inout Draw) -> Fused.Source in
        index > 0 && d.coin() ? .result(d.below(index)) : .input(d.below(inputs))
      }
      return coin()
        ? Fused.Step(Unary(pick([.tanh, .square, .neg, .relu])), [source(&self)])
        : Fused.Step(Binary(pick([.add, .mul, .sub, .tanhGradient])), [source(&self), source(&self)])
    }
  }

  /// Steps that read anything.
  fileprivate mutating func anySteps() -> Fused {
    let steps = (0..<below(4)).map { _ in
      let operators: [any Operator] = [
        Unary(.exp), Binary(.add), Where(), Cast(to: dtype()), Softmax(axis: integer()),
        Reduce(.sum, axes: integers(), keepDimensions: coin()),
      ]
      let sources = (0..<below(4)).map { _ -> Fused.Source in
        let number = below(6) == 0 ? integer() : below(3)
        return coin() ? .input(number) : .result(number)
      }
      return Fused.Step(pick(operators), sources)
    }
    return Fused(steps, outputs: (0..<below(3)).map { _ in below(6) == 0 ? integer() : below(3) })
  }
}
