internal import TributaryOps

/// One of two bodies, chosen by a value when the graph runs.
///
/// Inputs: a bool scalar; what the first body uses, then what the second uses. Outputs: those of the body taken.
struct Branch: Operator {
  /// What is computed when the value is true.
  let whenTrue: BodyPlan
  /// What is computed when the value is false; the outputs have the same types.
  let whenFalse: BodyPlan

  var name: String { "cond" }

  var attributes: [Attribute] {
    [Attribute("true", whenTrue.fingerprint), Attribute("false", whenFalse.fingerprint)]
  }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let wanted = [TensorType(.bool, [])] + whenTrue.inputTypes + whenFalse.inputTypes
    guard inputs == wanted else {
      throw ShapeError(.dimension, "cond: the inputs are \(inputs) and must be \(wanted)")
    }
    return whenTrue.outputTypes
  }

  /// The more expensive body.
  func cost(_ signature: Signature) -> Cost {
    whenTrue.cost.flops + whenTrue.cost.bytesRead >= whenFalse.cost.flops + whenFalse.cost.bytesRead
      ? whenTrue.cost : whenFalse.cost
  }

  var canFault: Bool { whenTrue.canFault || whenFalse.canFault }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let (whenTrue, whenFalse) = (whenTrue, whenFalse)
    let outputs = signature.inputs.count
    let counts = (whenTrue.inputTypes.count, whenFalse.inputTypes.count)
    return Kernel(implementation: "plan") { arguments in
      let isTrue = arguments.pointers[0].load(as: UInt8.self) != 0
      let run = (isTrue ? whenTrue : whenFalse).begin()
      let first = isTrue ? 1 : 1 + counts.0
      for index in 0..<(isTrue ? counts.0 : counts.1) { run.feed(index, arguments.pointers[first + index]) }
      return run.run(into: arguments.pointers + outputs)
    }
  }
}
