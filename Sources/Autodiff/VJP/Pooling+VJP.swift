public import TributaryOps

extension MaxPool: DifferentiableOperator {
  /// The cotangent of each window at its first largest element.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.apply(MaxPoolGradient(window), context.inputs[0], context.dy)]
  }
}

/// ``DifferentiableOperator``: linear in the cotangent; the image only says where.
extension MaxPoolGradient: DifferentiableOperator {
  /// For the cotangent, what lies where it went.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [nil, context.when(1) { context.apply(MaxPoolPick(window), context.inputs[0], context.dy) }]
  }
}

/// ``DifferentiableOperator``: linear in the elements picked; the image only says where.
extension MaxPoolPick: DifferentiableOperator {
  /// For the elements picked, the cotangent where they lie.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [nil, context.when(1) { context.apply(MaxPoolGradient(window), context.inputs[0], context.dy) }]
  }
}

extension MeanPool: DifferentiableOperator {
  /// The cotangents spread over their windows.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let shape = context.inputs[0].shape
    return [context.apply(MeanPoolGradient(windows, imageSize: Size2D(shape[1], shape[2])), context.dy)]
  }
}

extension MeanPoolGradient: DifferentiableOperator {
  /// The means of the cotangent.
  public func vjp(_ context: VJPContext) -> [Value?] { [context.apply(MeanPool(windows), context.dy)] }
}
