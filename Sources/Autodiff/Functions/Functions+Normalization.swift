internal import TributaryOps

/// Layer normalisation (Ba, Kiros and Hinton 2016): (x − mean) / √(variance + epsilon) · weight + bias, with mean and
/// (biased) variance over the last axes, for every index of the others. The result has x's type.
///
/// Costs about 8 operations an element; rows that fit the first-level cache are read from memory once. The gradient is
/// one operator too. Errors of `compile`: a weight or a bias of another type, an impossible rank or epsilon, rows
/// without elements.
/// - Parameters:
///   - x: f32 or f64.
///   - weight: Of x's element type and the shape of its last `normalizedRank` axes; nil for ones.
///   - bias: Of the same type; nil for zeros.
///   - normalizedRank: How many of the last axes are normalised together, 1 to all.
///   - epsilon: Added to the variance, inside the root.
public func layerNorm(
  _ x: Value, weight: Value? = nil, bias: Value? = nil, normalizedRank: Int = 1, epsilon: Double = 1e-5,
  file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let normalize = Normalize(.layer(rank: normalizedRank), epsilon: epsilon)
  return normalized(x, weight, bias, normalize, SourceSite(file, line))
}

/// Root mean square normalisation (Zhang and Sennrich 2019): x / √(mean of x² + epsilon) · weight + bias, with the mean over
/// the last axes, for every index of the others. The result has x's type.
///
/// Costs and errors as ``layerNorm(_:weight:bias:normalizedRank:epsilon:file:line:)``.
/// - Parameters:
///   - x: f32 or f64.
///   - weight: Of x's element type and the shape of its last `normalizedRank` axes; nil for ones.
///   - bias: Of the same type; nil for zeros.
///   - normalizedRank: How many of the last axes are normalised together, 1 to all.
///   - epsilon: Added to the mean of squares, inside the root.
public func rmsNorm(
  _ x: Value, weight: Value? = nil, bias: Value? = nil, normalizedRank: Int = 1, epsilon: Double = 1e-5,
  file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let normalize = Normalize(.rootMeanSquare(rank: normalizedRank), epsilon: epsilon)
  return normalized(x, weight, bias, normalize, SourceSite(file, line))
}

/// Group normalisation (Wu and He 2018): the channels are cut into groups, and every group of every sample is normalised
/// by its own mean and (biased) variance. One group is layer normalisation over all but the batch, as many groups as
/// channels instance normalisation. The result has x's type.
///
/// Costs as ``layerNorm(_:weight:bias:normalizedRank:epsilon:file:line:)``. Errors of `compile`: channels that the groups do
/// not divide, a weight or a bias of another type, an impossible epsilon.
/// - Parameters:
///   - x: `[N, C, …]`, f32 or f64.
///   - groups: How many groups, a divisor of C.
///   - weight: `[C]`, of x's element type; nil for ones.
///   - bias: `[C]`, of x's element type; nil for zeros.
///   - epsilon: Added to the variance, inside the root.
public func groupNorm(
  _ x: Value, groups: Int, weight: Value? = nil, bias: Value? = nil, epsilon: Double = 1e-5,
  file: StaticString = #fileID, line: UInt = #line
) -> Value {
  normalized(x, weight, bias, Normalize(.group(count: groups), epsilon: epsilon), SourceSite(file, line))
}

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

private func normalized(
  _ x: Value, _ weight: Value?, _ bias: Value?, _ normalize: Normalize, _ site: SourceSite
) -> Value {
  let builder = x.builder
  guard builder.accepts([x, weight, bias].compactMap { $0 }, normalize.name, site: site) else {
    return builder.poisoned()
  }
  // A bias alone tells the shape of the ones before it.
  let ones = TensorType(x.dtype, bias?.shape ?? .scalar)
  return builder.emit(normalize, [x] + affine(weight, bias, ones, builder, site), site)
}

/// Weight and bias as operators take them: none, the weight, or both, with ones for a weight that is missing.
func affine(
  _ weight: Value?, _ bias: Value?, _ type: TensorType, _ builder: GraphBuilder, _ site: SourceSite
) -> [Value] {
  guard let bias else { return weight.map { [$0] } ?? [] }
  return [weight ?? builder.emit(Fill(type: type, value: 1), [], site), bias]
}
