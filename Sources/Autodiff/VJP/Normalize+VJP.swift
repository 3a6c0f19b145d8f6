public import TributaryOps

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
