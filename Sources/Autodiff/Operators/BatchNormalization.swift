public import TributaryOps

/// What ``batchNorm(_:weight:bias:runningMean:runningVariance:momentum:epsilon:axis:file:line:)`` gives.
public struct BatchNormResult: Sendable {
  /// The normalised value, of x's type.
  public let y: Value

  /// The new running mean, `[C]`.
  public let runningMean: Value

  /// The new running variance, `[C]`.
  public let runningVariance: Value
}

/// Batch normalisation while training (Ioffe and Szegedy 2015): every channel is normalised by the mean and the (biased)
/// variance of the batch, (x − mean) / √(variance + epsilon) · weight + bias.
///
/// Running statistics, to be assigned to states for ``batchNormInference(_:weight:bias:mean:variance:epsilon:axis:file:line:)``,
/// become (1 − momentum)·old + momentum·batch, with the unbiased variance. Their old values are constants: no gradient
/// flows into them.
///
/// Two passes over memory, about 8 operations an element. Errors of `compile`: fewer than 2 elements a channel, a
/// statistic, weight or bias that is not `[C]` of x's element type, an impossible axis or epsilon.
/// - Parameters:
///   - x: `[N, C, …]`, f32 or f64.
///   - weight: `[C]`; nil for ones.
///   - bias: `[C]`; nil for zeros.
///   - runningMean: `[C]`.
///   - runningVariance: `[C]`.
///   - momentum: The share of the batch in new running statistics, 0 … 1.
///   - epsilon: Added to the variance, inside the root.
///   - axis: The axis of the channels.
public func batchNorm(
  _ x: Value, weight: Value? = nil, bias: Value? = nil, runningMean: Value, runningVariance: Value,
  momentum: Double = 0.1, epsilon: Double = 1e-5, axis: Int = 1, file: StaticString = #fileID,
  line: UInt = #line
) -> BatchNormResult {
  let site = SourceSite(file, line)
  let builder = x.builder
  func poison() -> BatchNormResult {
    BatchNormResult(
      y: builder.poisoned(), runningMean: builder.poisoned(), runningVariance: builder.poisoned())
  }
  let operands = [x, weight, bias, runningMean, runningVariance].compactMap { $0 }
  guard builder.accepts(operands, "batch_norm", site: site) else { return poison() }
  do throws(ShapeError) {
    let axis = try x.shape.resolved(axis: axis)
    let channels = TensorType(x.dtype, [x.shape[axis]])
    let count = x.shape.indices.reduce(1) { $1 == axis ? $0 : $0 * x.shape[$1] }
    guard count >= 2 else {
      throw ShapeError(
        .dimension, "a channel of \(x.type) has \(count) elements; a variance for training needs at least 2")
    }
    guard runningMean.type == channels, runningVariance.type == channels else {
      let isShape = runningMean.dtype == x.dtype && runningVariance.dtype == x.dtype
      throw ShapeError(
        isShape ? .dimension : .dtype,
        "running statistics must be \(channels); \(runningMean.type) and \(runningVariance.type) were given")
    }
    guard momentum >= 0, momentum <= 1 else {
      throw ShapeError(.attribute, "the momentum is \(momentum); it must be between 0 and 1")
    }
    let outputs = builder.apply(
      BatchNormalize(axis: axis, epsilon: epsilon), to: [x] + affine(weight, bias, channels, builder, site),
      file: file,
      line: line)
    func running(_ old: Value, _ batch: Value, _ correction: Double) -> Value {
      let kept = binary(.mul, builder.emit(StopGradient(), [old], site), 1 - momentum, site)
      return binary(.add, kept, binary(.mul, batch, momentum * correction, site), site)
    }
    let unbiased = Double(count) / Double(count - 1)
    return BatchNormResult(
      y: outputs[0], runningMean: running(runningMean, outputs[1], 1),
      runningVariance: running(runningVariance, outputs[2], unbiased))
  } catch {
    builder.fail(error, "batch_norm", operands: operands, site: site)
    return poison()
  }
}

/// Batch normalisation by running statistics: (x − mean) / √(variance + epsilon) · weight + bias for every channel. The result
/// has x's type.
///
/// Mean and variance are constants: no gradient flows into them. One pass over memory, about 3 operations an element.
/// Errors of `compile`: a statistic, weight or bias that is not `[C]` of x's element type, an impossible axis or epsilon.
/// - Parameters:
///   - x: `[N, C, …]`, f32 or f64.
///   - weight: `[C]`; nil for ones.
///   - bias: `[C]`; nil for zeros.
///   - mean: `[C]`.
///   - variance: `[C]`.
///   - epsilon: Added to the variance, inside the root.
///   - axis: The axis of the channels.
public func batchNormInference(
  _ x: Value, weight: Value? = nil, bias: Value? = nil, mean: Value, variance: Value, epsilon: Double = 1e-5,
  axis: Int = 1, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  let builder = x.builder
  let operands = [x, mean, variance, weight, bias].compactMap { $0 }
  guard builder.accepts(operands, "batch_norm_inference", site: site) else { return builder.poisoned() }
  do throws(ShapeError) {
    let axis = try x.shape.resolved(axis: axis)
    let channels = TensorType(x.dtype, [x.shape[axis]])
    let constants = [mean, variance].map { builder.emit(StopGradient(), [$0], site) }
    return builder.emit(
      BatchNormalizeInference(axis: axis, epsilon: epsilon),
      [x] + constants + affine(weight, bias, channels, builder, site), site)
  } catch {
    return builder.fail(error, "batch_norm_inference", operands: operands, site: site)
  }
}

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
