internal import TributaryOps

extension VJPContext {
  /// The cotangents of the inputs by differentiating the operator as other operators would compute it: for rules that
  /// are rarely needed, such as those of gradients.
  ///
  /// Values between the operators are kept like any others, so that this costs memory which a fused operator does not.
  /// - Parameter form: Builds the outputs from the inputs with differentiable operators; an output that no cotangent
  ///   arrived for may be nil.
  func pullBack(through form: (_ inputs: [Value]) -> [Value?]) -> [Value?] {
    // Views of the inputs, at which the walk ends: an input may itself depend on another one.
    let leaves = inputs.indices.map { index in
      needs(index) ? builder.emit(Reshape(shape: inputs[index].shape), [inputs[index]]) : inputs[index]
    }
    let pairs = zip(form(leaves), cotangents).compactMap { output, cotangent in
      output.flatMap { output in cotangent.map { (output, $0) } }
    }
    let wanted = leaves.indices.filter { needs($0) }
    let gradients = builder.gradients(
      of: pairs.map(\.0), cotangents: pairs.map(\.1), withRespectTo: wanted.map { leaves[$0] })
    var results = [Value?](repeating: nil, count: inputs.count)
    for (index, gradient) in zip(wanted, gradients.all) { results[index] = gradient }
    return results
  }
}
