public import TributaryOps

/// Values one after the other along an axis, in which alone they may differ.
public func concat(_ values: [Value], axis: Int = 0, file: StaticString = #fileID, line: UInt = #line)
  -> Value
{
  joined(values, "concat") { builder, first in
    builder.emit("concat", values, SourceSite(file, line)) { () throws(ShapeError) in
      Concat(axis: try first.shape.resolved(axis: axis))
    }
  }
}

/// Values of one shape, put together along a new axis.
public func stack(_ values: [Value], axis: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Value
{
  let site = SourceSite(file, line)
  return joined(values, "stack") { builder, first in
    guard builder.accepts(values, "stack", site: site) else { return builder.poisoned() }
    guard let place = first.shape.inserting(axis: 0).normalized(axis: axis) else {
      let error = ShapeError(
        .axis,
        "there is no place \(axis) for a new axis in \(first.shape); valid are \(-first.rank - 1) to \(first.rank)"
      )
      return builder.fail(error, "stack", operands: values, site: site)
    }
    guard values.allSatisfy({ $0.shape == first.shape }) else {
      return builder.fail(
        ShapeError(.dimension, "stacked values must have one shape"), "stack", operands: values, site: site)
    }
    let raised = first.shape.inserting(axis: place)
    do throws(ShapeError) { try raised.validate() } catch {
      return builder.fail(error, "stack", operands: values, site: site)
    }
    let parts = values.map { reshaped($0, raised, site) }
    return builder.emit(Concat(axis: place), parts, site)
  }
}

/// A value cut along an axis into pieces of given lengths, which must add up to the axis.
public func split(
  _ x: Value, sizes: [Int], axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
) -> [Value] {
  let site = SourceSite(file, line)
  func poison() -> [Value] { sizes.map { _ in x.builder.poisoned() } }
  guard x.builder.accepts([x], "split", site: site) else { return poison() }
  do throws(ShapeError) {
    let resolved = try x.shape.resolved(axis: axis)
    let length = x.shape[resolved]
    guard sizes.allSatisfy({ 0...length ~= $0 }), sizes.reduce(0, &+) == length else {
      throw ShapeError(
        .dimension, "the sizes \(sizes) must be 0 or more and add up to the length \(length) of axis \(axis)")
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return slice(x, axis: resolved, start..<start + size, file: file, line: line)
    }
  } catch {
    x.builder.fail(error, "split", operands: [x], site: site)
    return poison()
  }
}

/// A value inside a border of constant elements.
///
/// - Parameters:
///   - x: Any element type and shape.
///   - pads: For every axis how many elements go before and after.
///   - value: What the border holds.
public func pad(
  _ x: Value, _ pads: [(before: Int, after: Int)], value: Double = 0, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  x.builder.emit("pad", [x], SourceSite(file, line)) { () throws(ShapeError) in
    guard pads.count == x.rank, pads.allSatisfy({ $0.before >= 0 && $0.after >= 0 }) else {
      throw ShapeError(
        .attribute,
        "pads \(pads.map { [$0.before, $0.after] }) must be \(x.rank) pairs of non-negative numbers")
    }
    return Pad(pads: pads.map { [$0.before, $0.after] }, value: value)
  }
}

func joined(_ values: [Value], _ subject: StaticString, _ body: (GraphBuilder, Value) -> Value)
  -> Value
{
  guard let first = values.first else {
    // There is no builder to record a mistake in: an operand without a type poisons whoever uses it.
    let builder = GraphBuilder()
    return builder.fail(.shape, subject.description, "needs at least one value")
  }
  return body(first.builder, first)
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

/// A part of a value, with Python's meaning of starts, stops and steps.
///
/// Entry i belongs to axis i; axes without an entry stay whole. A nil start or stop is the axis' end in the direction of
/// the step, negative ones count from the end, and positions past the ends are cut off, never an error. Steps may be
/// negative, not zero.
public func slice(
  _ x: Value, starts: [Int?], stops: [Int?], steps: [Int?]? = nil, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  x.builder.emit("slice", [x], SourceSite(file, line)) { () throws(ShapeError) in
    let steps = steps ?? Array(repeating: nil, count: starts.count)
    guard starts.count == stops.count, starts.count == steps.count, starts.count <= x.rank else {
      throw ShapeError(
        .attribute,
        "\(starts.count) starts, \(stops.count) stops and \(steps.count) steps do not fit the \(x.rank) axes of"
          + " \(x.shape); give one of each for an axis")
    }
    var ranges: [NormalizedSlice] = []
    for axis in 0..<x.rank {
      let isGiven = axis < starts.count
      ranges.append(
        try NormalizedSlice(
          start: isGiven ? starts[axis] : nil, stop: isGiven ? stops[axis] : nil,
          step: isGiven ? steps[axis] : nil,
          length: x.shape[axis]))
    }
    return Slice(starts: ranges.map(\.start), stops: ranges.map(\.stop), steps: ranges.map(\.step))
  }
}

/// A range of indices of one axis.
public func slice(
  _ x: Value, axis: Int, _ range: Range<Int>, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  x.builder.emit("slice", [x], SourceSite(file, line)) { () throws(ShapeError) in
    let resolved = try x.shape.resolved(axis: axis)
    guard range.lowerBound >= 0, range.upperBound <= x.shape[resolved] else {
      throw ShapeError(.dimension, "\(range) must lie within axis \(axis) of \(x.shape)")
    }
    var starts = [Int](repeating: 0, count: x.rank)
    var stops = x.shape.dimensions
    starts[resolved] = range.isEmpty ? 0 : range.lowerBound
    stops[resolved] = range.isEmpty ? 0 : range.upperBound
    return Slice(starts: starts, stops: stops, steps: [Int](repeating: 1, count: x.rank))
  }
}

/// A slice of one axis in the one form that the operator takes: the first index, one past the last in the direction of
/// the step (−1 after index 0 going down), and the step; 0, 0, 1 when nothing is left.
struct NormalizedSlice: Equatable {
  let start: Int
  let stop: Int
  let step: Int

  /// Applies Python's rules (`slice.indices`).
  init(start: Int?, stop: Int?, step: Int?, length: Int) throws(ShapeError) {
    let step = step ?? 1
    guard step != 0, step != .min else { throw ShapeError(.attribute, "a slice's step must not be \(step)") }
    let lowest = step > 0 ? 0 : -1
    let highest = step > 0 ? length : length - 1
    func clamped(_ index: Int) -> Int {
      let resolved = index < 0 ? (index < -length ? lowest : index + length) : index
      return Swift.min(Swift.max(resolved, lowest), highest)
    }
    let first = start.map(clamped) ?? (step > 0 ? 0 : length - 1)
    let end = stop.map(clamped) ?? (step > 0 ? length : -1)
    let distance = step > 0 ? end - first : first - end
    guard distance > 0 else {
      (self.start, self.stop, self.step) = (0, 0, 1)
      return
    }
    let last = first + (distance - 1) / abs(step) * step
    // A single element has no distance to the next: any step says the same, and 1 prints alike.
    self.start = first
    self.step = last == first ? step.signum() : step
    self.stop = last + step.signum()
  }
}

extension Slice {
  /// The same part of the tangent.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension SliceScatter {
  /// The tangent in the operand's place.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension Pad {
  /// The tangent with a border of zeros.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(Pad(pads: pads, value: 0)) }
}

extension Concat {
  /// The tangents one after the other.
  public func jvp(_ context: JVPContext) -> [Value?] {
    [context.builder.emit(self, context.inputs.indices.map(context.tangent))]
  }
}
