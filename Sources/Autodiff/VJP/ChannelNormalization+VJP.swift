public import TributaryOps

extension BatchNormalize: DifferentiableOperator {
  /// ``BatchNormalizeGradient``; and what the statistics' own cotangents add for x.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let (mean, variance) = (context.outputs[1], context.outputs[2])
    var results = [Value?](repeating: nil, count: context.inputs.count)
    if context.cotangents[0] != nil {
      let operands = [context.dy, x, mean, variance] + context.inputs.dropFirst().prefix(1)
      let outputs = context.builder.apply(BatchNormalizeGradient(axis: axis, epsilon: epsilon), to: operands)
      for index in results.indices { results[index] = outputs[index] }
    }
    guard context.needs(0) else { return results }
    let form = ChannelForm(x, axis)
    func add(_ value: Value) { results[0] = results[0].map { $0 + value } ?? value }
    if let cotangent = context.cotangents[1] {
      add(context.apply(BroadcastTo(shape: x.shape), form.spread(cotangent / form.count)))
    }
    if let cotangent = context.cotangents[2] {
      add((x - form.spread(mean)) * form.spread(cotangent * (2 / form.count)))
    }
    return results
  }
}

/// ``DifferentiableOperator``: the gradient written out.
extension BatchNormalizeGradient: DifferentiableOperator {
  /// The cotangents of dy, x, mean, variance and the weight.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let form = ChannelForm(context.inputs[1], axis)
    return context.pullBack { inputs in
      let dy = inputs[0]
      let scale = rsqrt(inputs[3] + epsilon)
      let h = (inputs[1] - form.spread(inputs[2])) * form.spread(scale)
      let dWeight = form.sum(dy * h)
      let dBias = form.sum(dy)
      let factor = inputs.count > 4 ? scale * inputs[4] : scale
      let rest = form.spread(dBias / form.count) + h * form.spread(dWeight / form.count)
      return [(dy - rest) * form.spread(factor), dWeight, dBias]
    }
  }
}

extension BatchNormalizeInference: DifferentiableOperator {
  /// With f = weight / √(variance + epsilon): dy·f for x, the sums Σ dy·h and Σ dy for weight and bias, −f·Σ dy for the
  /// mean, −½·weight·Σ dy·h / (variance + epsilon) for the variance.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let (x, mean, variance) = (context.inputs[0], context.inputs[1], context.inputs[2])
    let form = ChannelForm(x, axis)
    let scale = rsqrt(variance + epsilon)
    let weight = context.inputs.count > 3 ? context.inputs[3] : nil
    let factor = weight.map { scale * $0 } ?? scale
    var results = [Value?](repeating: nil, count: context.inputs.count)
    results[0] = context.when(0) { context.dy * form.spread(factor) }
    guard results.indices.dropFirst().contains(where: { context.needs($0) }) else { return results }
    let sums = context.builder.apply(
      BatchNormalizeSums(axis: axis, epsilon: epsilon), to: [context.dy, x, mean, variance])
    results[1] = context.when(1) { -(factor * sums[1]) }
    results[2] = context.when(2) { factor * scale * sums[0] * -0.5 }
    if results.count > 3 { results[3] = sums[0] }
    if results.count > 4 { results[4] = sums[1] }
    return results
  }
}

/// ``DifferentiableOperator``: the sums written out.
extension BatchNormalizeSums: DifferentiableOperator {
  /// The cotangents of dy, x, mean and variance.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let form = ChannelForm(context.inputs[1], axis)
    return context.pullBack { inputs in
      let h = (inputs[1] - form.spread(inputs[2])) * form.spread(rsqrt(inputs[3] + epsilon))
      return [form.sum(inputs[0] * h), form.sum(inputs[0])]
    }
  }
}

/// Values for each channel beside a value that has them along an axis.
private struct ChannelForm {
  private let column: Shape
  private let others: [Int]

  /// The elements of a channel.
  let count: Double

  init(_ x: Value, _ axis: Int) {
    column = x.shape.keeping(reduced: x.shape.indices.filter { $0 != axis })
    others = x.shape.indices.filter { $0 != axis }
    count = Double(others.reduce(1) { $0 * x.shape[$1] })
  }

  /// A value for each channel, to be broadcast.
  func spread(_ value: Value) -> Value { reshaped(value, column) }

  /// The sum over every channel's elements.
  func sum(_ value: Value) -> Value { reduce(.sum, value, others, false) }
}
