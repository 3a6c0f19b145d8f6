public import TributaryOps

extension Embedding: DifferentiableOperator {
  /// The cotangents added up by row.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let rows = context.inputs[0].shape[0]
    return [context.apply(EmbeddingGradient(rows: rows), context.dy, context.inputs[1]), nil]
  }
}

extension EmbeddingGradient: DifferentiableOperator {
  /// The rows of the cotangent, looked up; the cotangent itself for the sum so far.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.when(0) { context.apply(Embedding(), context.dy, context.inputs[1]) }, nil]
      + (accumulating ? [context.dy] : [])
  }
}

extension Gather: DifferentiableOperator {
  /// The cotangents added where they were read.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let zeros = context.builder.zeros(context.inputs[0].type)
    return [context.apply(ScatterAdd(axis: axis), zeros, context.inputs[1], context.dy), nil]
  }
}

extension ScatterAdd: DifferentiableOperator {
  /// The cotangent for the base; what lies at the indices for the source.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [
      context.when(0) { context.dy }, nil,
      context.when(2) { context.apply(Gather(axis: axis), context.dy, context.inputs[1]) },
    ]
  }
}

extension IndexSelect: DifferentiableOperator {
  /// The cotangents added up by index: along axis 0 as rows of a table, along others element by element.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let index = context.inputs[1]
    let dy = context.dy
    if axis == 0 {
      let width = x.shape.dimensions.dropFirst().reduce(1, *)
      let table = context.apply(
        EmbeddingGradient(rows: x.shape[0]), reshaped(dy, [dy.shape[0], width]), index)
      return [reshaped(table, x.shape), nil]
    }
    var shape = Shape([Int](repeating: 1, count: x.rank))
    shape[axis] = index.shape[0]
    let indices = context.apply(BroadcastTo(shape: dy.shape), reshaped(index, shape))
    return [context.apply(ScatterAdd(axis: axis), context.builder.zeros(x.type), indices, dy), nil]
  }
}
