public import TributaryOps

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

extension Normalize: DifferentiableOperator {
  /// ``NormalizeGradient``, its partial sums added up; and what the statistics' own cotangents add for x.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let scale = context.outputs[kind.isCentred ? 2 : 1]
    var results = [Value?](repeating: nil, count: context.inputs.count)
    if context.cotangents[0] != nil {
      let sums = (1...2).map { $0 < context.inputs.count && context.needs($0) }
      let gradient = NormalizeGradient(kind, sumsWeight: sums[0], sumsBias: sums[1])
      let statistics = Array(context.outputs.dropFirst())
      let weight = context.inputs.dropFirst().prefix(1)
      let outputs = context.builder.apply(gradient, to: [context.dy, x] + statistics + weight)
      results[0] = outputs[0]
      if sums[0] { results[1] = total(outputs[1], context.inputs[1]) }
      if sums[1] { results[2] = total(outputs[sums[0] ? 2 : 1], context.inputs[2]) }
    }
    let rows = NormalizedForm(kind, x.shape)
    let mean = kind.isCentred ? context.outputs[1] : nil
    if kind.isCentred, let cotangent = context.cotangents[1] {
      add(rows.spread(rows.statistic(cotangent) / Double(rows.length)), to: &results[0])
    }
    if let cotangent = context.cotangents[kind.isCentred ? 2 : 1] {
      // ∂scale/∂x = −scale³·(x − mean)/n
      let slope = rows.statistic(cotangent * pow(scale, 3)) / Double(-rows.length)
      let centred = mean.map { rows.elements(x) - rows.statistic($0) } ?? rows.elements(x)
      add(reshaped(centred * slope, x.shape), to: &results[0])
    }
    return results
  }

  private func total(_ partials: Value, _ weight: Value) -> Value {
    guard !partials.isPoisoned else { return partials }
    if case .group = kind { return reshaped(reduce(.sum, partials, [0], false), weight.shape) }
    return reshaped(reduce(.sum, partials, [0, 1], false), weight.shape)
  }

  private func add(_ value: Value, to sum: inout Value?) { sum = sum.map { $0 + value } ?? value }
}

/// ``DifferentiableOperator``: the gradient written out, every statistic an input of its own.
extension NormalizeGradient: DifferentiableOperator {
  /// The cotangents of dy, x, the statistics and the weight.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let rows = NormalizedForm(kind, context.inputs[1].shape)
    return context.pullBack { inputs in
      let dy = rows.elements(inputs[0])
      let scale = rows.statistic(inputs[weightIndex - 1])
      let centred =
        kind.isCentred ? rows.elements(inputs[1]) - rows.statistic(inputs[2]) : rows.elements(inputs[1])
      let h = centred * scale
      let g = inputs.count > weightIndex ? dy * rows.weights(inputs[weightIndex]) : dy
      func mean(_ value: Value) -> Value { reduce(.mean, value, [2, 3], true) }
      let rest = h * mean(g * h)
      let dx = (kind.isCentred ? g - mean(g) - rest : g - rest) * scale
      var outputs: [Value?] = [reshaped(dx, inputs[1].shape)]
      let layout = layout(of: inputs[1].type)
      if sumsWeight { outputs.append(rows.partials(dy * h, layout)) }
      if sumsBias { outputs.append(rows.partials(dy, layout)) }
      return outputs
    }
  }
}

/// The views of values in which every normalisation is the same: [rows, groups, segments, inner].
private struct NormalizedForm {
  private let shape: Shape
  private let statistics: Shape
  private let weights: Shape
  private let original: Shape

  /// The elements of a row.
  let length: Int

  init(_ kind: RowNormalization, _ x: Shape) {
    let layout = NormalizeGradient(kind, sumsWeight: false, sumsBias: false).layout(
      of: TensorType(.float32, x))
    let count = layout.outer * layout.rows / layout.groups
    shape = [count, layout.groups, layout.segments, layout.inner]
    statistics = [count, layout.groups, 1, 1]
    weights = [layout.groups, layout.segments, 1]
    original = x
    length = layout.length
  }

  func elements(_ x: Value) -> Value { reshaped(x, shape) }

  func statistic(_ value: Value) -> Value { reshaped(value, statistics) }

  func weights(_ value: Value) -> Value { reshaped(value, weights) }

  /// A value for each row, in all its elements.
  func spread(_ value: Value) -> Value {
    reshaped(value.builder.emit(BroadcastTo(shape: shape), [value]), original)
  }

  /// Sums as the fused gradient gives them: over a segment's elements, then over the rows of a chunk.
  func partials(_ elements: Value, _ layout: RowLayout) -> Value {
    let sums = reduce(.sum, elements, [3], false)
    guard layout.groups == 1, layout.inner == 1 || layout.chunk > 1 else {
      return reshaped(sums, layout.partials)
    }
    let chunks = layout.partials[1]
    let rows = reshaped(sums, [layout.outer, layout.rows, layout.segments])
    let missing = chunks * layout.chunk - layout.rows
    let whole =
      missing == 0 ? rows : rows.builder.emit(Pad(pads: [[0, 0], [0, missing], [0, 0]]), [rows])
    return reduce(.sum, reshaped(whole, [layout.outer, chunks, layout.chunk, layout.segments]), [2], false)
  }
}
