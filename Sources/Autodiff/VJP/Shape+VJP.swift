public import TributaryOps

extension BroadcastTo: DifferentiableOperator {
  /// The cotangent summed over the copies.
  public func vjp(_ context: VJPContext) -> [Value?] { [context.unbroadcast(context.dy, to: 0)] }
}

extension Reshape: DifferentiableOperator {
  /// The cotangent in the operand's shape.
  public func vjp(_ context: VJPContext) -> [Value?] { [reshaped(context.dy, context.inputs[0].shape)] }
}

extension Transpose: DifferentiableOperator {
  /// The cotangent with the axes put back.
  public func vjp(_ context: VJPContext) -> [Value?] {
    var inverse = permutation
    for (output, input) in permutation.enumerated() { inverse[input] = output }
    return [context.apply(Transpose(permutation: inverse), context.dy)]
  }
}

extension Concat: DifferentiableOperator {
  /// The part of the cotangent that came from each operand.
  public func vjp(_ context: VJPContext) -> [Value?] {
    var start = 0
    return context.inputs.enumerated().map { index, input in
      let range = start..<start + input.shape[axis]
      start = range.upperBound
      return context.when(index) { slice(context.dy, axis: axis, range) }
    }
  }
}

extension Slice: DifferentiableOperator {
  /// The cotangent in its place among zeros; turned round again where all elements were taken.
  public func vjp(_ context: VJPContext) -> [Value?] {
    guard context.outputs[0].shape != context.inputs[0].shape else {
      return [context.apply(self, context.dy)]
    }
    return [
      context.apply(
        SliceScatter(starts: starts, steps: steps, shape: context.inputs[0].shape), context.dy)
    ]
  }
}

extension SliceScatter: DifferentiableOperator {
  /// The part of the cotangent from which the operand was placed.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    // The exact end of each axis: one past the last element placed, in the direction of the step.
    let ends = x.shape.indices.map { axis in
      starts[axis] + (x.shape[axis] - 1) * steps[axis] + steps[axis].signum()
    }
    let isEmpty = x.type.elementCount == 0
    guard !isEmpty else { return [context.builder.zeros(x.type)] }
    return [context.apply(Slice(starts: starts, stops: ends, steps: steps), context.dy)]
  }
}

extension Pad: DifferentiableOperator {
  /// The cotangent without the border.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    guard x.type.elementCount > 0 else { return [context.builder.zeros(x.type)] }
    let starts = pads.map { $0[0] }
    return [
      context.apply(
        Slice(
          starts: starts, stops: x.shape.indices.map { starts[$0] + x.shape[$0] },
          steps: pads.map { _ in 1 }), context.dy)
    ]
  }
}
