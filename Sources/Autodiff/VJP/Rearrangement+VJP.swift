public import TributaryOps

extension Roll: DifferentiableOperator {
  /// The cotangent moved back.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let shape = context.inputs[0].shape
    // The remainder first: the negative of the least integer does not exist.
    let back = shape.indices.map { shape[$0] == 0 ? 0 : -(shifts[$0] % shape[$0]) }
    return [context.apply(Roll(shifts: back), context.dy)]
  }
}

extension ReflectPad: DifferentiableOperator {
  /// The cotangent of every reflection added to that of the element it shows, axis by axis.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let shape = context.inputs[0].shape
    return [
      shape.indices.reduce(context.dy) { dy, axis in
        folded(dy, axis: axis, before: pads[axis][0], after: pads[axis][1], length: shape[axis])
      }
    ]
  }
}

/// The cotangent of an axis without its reflections, which are added.
private func folded(_ dy: Value, axis: Int, before: Int, after: Int, length: Int) -> Value {
  guard before > 0 || after > 0 else { return dy }
  let builder = dy.builder
  /// The reflection that begins at `start`, turned round and put among zeros at `place`.
  func turned(_ start: Int, count: Int, to place: Int) -> Value {
    var starts = dy.shape.indices.map { _ in 0 }
    var stops = dy.shape.dimensions
    var steps = dy.shape.indices.map { _ in 1 }
    var pads = dy.shape.indices.map { _ in [0, 0] }
    (starts[axis], stops[axis], steps[axis]) = (start + count - 1, start - 1, -1)
    pads[axis] = [place, length - place - count]
    return builder.emit(
      Pad(pads: pads), [builder.emit(Slice(starts: starts, stops: stops, steps: steps), [dy])])
  }
  var parts = [slice(dy, axis: axis, before..<before + length)]
  if before > 0 { parts.append(turned(0, count: before, to: 1)) }
  if after > 0 { parts.append(turned(before + length, count: after, to: length - 1 - after)) }
  return builder.emit(Accumulate(), parts)
}
