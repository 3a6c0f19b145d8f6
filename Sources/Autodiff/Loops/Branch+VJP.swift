internal import TributaryOps

extension Branch: DifferentiableOperator {
  /// A branch by the same value: the body that was taken builds its values again and pulls the cotangents back to what it uses; what
  /// only the other uses gets zeros.
  func vjp(_ context: VJPContext) -> [Value?] {
    let split = 1 + whenTrue.inputTypes.count
    let used = [Array(context.inputs[1..<split]), Array(context.inputs[split...])]
    let wanted = [
      (1..<split).filter { context.needs($0) }, (split..<context.inputs.count).filter { context.needs($0) },
    ]
    func pullBack(_ body: BodyPlan, _ side: Int) -> [Value] {
      guard let builder = BuildContext.current.body else { return [] }
      let inputs = used[side].map(builder.adopted)
      let outputs = body.replay(in: builder, inputs)
      let seeds = context.cotangents.indices.filter { context.cotangents[$0] != nil }
      let first = side == 0 ? 1 : split
      let gradients = builder.gradients(
        of: seeds.map { outputs[$0] }, cotangents: seeds.map { builder.adopted(context.cotangent($0)) },
        withRespectTo: wanted[side].map { inputs[$0 - first] })
      let others = wanted[1 - side].map { builder.zeros(context.inputs[$0].type) }
      return side == 0 ? gradients.all + others : others + gradients.all
    }
    let results = context.builder.cond(context.inputs[0]) {
      pullBack(whenTrue, 0)
    } else: {
      pullBack(whenFalse, 1)
    }
    var cotangents = [Value?](repeating: nil, count: context.inputs.count)
    for (input, result) in zip(wanted[0] + wanted[1], results) { cotangents[input] = result }
    return cotangents
  }
}
