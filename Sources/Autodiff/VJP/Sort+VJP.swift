public import TributaryOps

extension Sort: DifferentiableOperator {
  /// The cotangent of each element goes to where it was; elements that were not kept get 0.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let zeros = context.builder.zeros(context.inputs[0].type)
    return [context.apply(ScatterAdd(axis: axis), zeros, context.outputs[1], context.dy)]
  }
}
