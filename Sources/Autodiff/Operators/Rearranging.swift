public import TributaryOps

// Functions that only move elements, of any element type.

/// The elements in reverse order along axes; nil reverses all.
public func flip(
  _ x: Value, axes: [Int]? = nil, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  x.builder.emit("flip", [x], SourceSite(file, line)) { () throws(ShapeError) in
    let reversed = try x.shape.normalized(axes: axes)
    var ranges: [NormalizedSlice] = []
    for axis in x.shape.indices {
      let step = reversed.contains(axis) ? -1 : 1
      ranges.append(try NormalizedSlice(start: nil, stop: nil, step: step, length: x.shape[axis]))
    }
    return Slice(starts: ranges.map(\.start), stops: ranges.map(\.stop), steps: ranges.map(\.step))
  }
}

/// The elements moved along axes; what leaves at the end comes back at the beginning.
///
/// - Parameters:
///   - x: Any shape.
///   - shifts: How far, for each of the axes; negative towards the beginning.
///   - axes: The axes; one that is named twice is moved by both. Nil moves along the flattened value and takes one shift.
public func roll(
  _ x: Value, shifts: [Int], axes: [Int]? = nil, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  let builder = x.builder
  guard let axes else {
    guard builder.accepts([x], "roll", site: site) else { return builder.poisoned() }
    guard shifts.count == 1 else {
      let error = ShapeError(
        .attribute, "along the flattened value there is one shift, not \(shifts); or name the axes")
      return builder.fail(error, "roll", operands: [x], site: site)
    }
    let flat = builder.emit(Roll(shifts: shifts), [reshaped(x, [x.type.elementCount], site)], site)
    return reshaped(flat, x.shape, site)
  }
  return builder.emit("roll", [x], site) { () throws(ShapeError) in
    guard shifts.count == axes.count else {
      throw ShapeError(.attribute, "the shifts \(shifts) do not fit the axes \(axes); give one for each")
    }
    var moved = [Int](repeating: 0, count: x.rank)
    for (shift, axis) in zip(shifts, axes) {
      let resolved = try x.shape.resolved(axis: axis)
      // A remainder, so that shifts that meet do not overflow.
      moved[resolved] += shift % Swift.max(x.shape[resolved], 1)
    }
    return Roll(shifts: moved)
  }
}

/// A value inside a border of its own reflection, the elements at its edges not repeated: [a, b, c] with 2 before and 1
/// after is [c, b, a, b, c, b].
///
/// - Parameters:
///   - x: Any element type and shape.
///   - pads: For every axis how many elements go before and after, each less than the axis is long.
public func reflectPad(
  _ x: Value, _ pads: [(before: Int, after: Int)], file: StaticString = #fileID, line: UInt = #line
) -> Value {
  x.builder.emit(ReflectPad(pads: pads.map { [$0.before, $0.after] }), [x], SourceSite(file, line))
}

/// Copies of a value side by side, `repeats[i]` of them along axis i (NumPy's tile).
///
/// A list shorter than the rank applies to the last axes; a longer one adds leading axes. Costs one write of the result,
/// and for more than three repeated axes one of a part of it.
public func tile(
  _ x: Value, repeats: [Int], file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  let builder = x.builder
  guard builder.accepts([x], "tile", site: site) else { return builder.poisoned() }
  let rank = Swift.max(repeats.count, x.rank)
  let counts = [Int](repeating: 1, count: rank - repeats.count) + repeats
  var lengths = [Int](repeating: 1, count: rank - x.rank) + x.shape.dimensions
  do throws(ShapeError) {
    guard counts.allSatisfy({ $0 >= 0 }) else {
      throw ShapeError(.attribute, "the repeats \(repeats) must not be negative")
    }
    try Shape(lengths).validate()
    try Shape(counts).validate()
    let (product, overflow) = zip(lengths, counts).reduce((1, false)) { state, pair in
      let length = pair.0.multipliedReportingOverflow(by: pair.1)
      let next = state.0.multipliedReportingOverflow(by: Swift.max(length.partialValue, 1))
      return (next.partialValue, state.1 || length.overflow || next.overflow)
    }
    guard !overflow, product <= Int.max / 16 else {
      throw ShapeError(
        .overflow, "\(x.shape) repeated \(repeats) times has more elements than can be addressed")
    }
  } catch {
    return builder.fail(error, "tile", operands: [x], site: site)
  }
  // From the last axes, where the copies are small: three repeated axes are six, and what lies before and behind two.
  var result = reshaped(x, Shape(lengths), site)
  var end = rank
  while let last = counts[..<end].lastIndex(where: { $0 != 1 }) {
    let repeated = counts[...last].indices.filter { counts[$0] != 1 }.suffix(3)
    var apart: [Int] = [lengths[..<repeated[repeated.startIndex]].reduce(1, *)]
    var spread = apart
    for (place, axis) in repeated.enumerated() {
      let next = place + 1 < repeated.count ? repeated[repeated.startIndex + place + 1] : rank
      let inner = lengths[axis..<next].reduce(1, *)
      apart += [1, inner]
      spread += [counts[axis], inner]
    }
    result = reshaped(result, Shape(apart), site)
    result = builder.emit(BroadcastTo(shape: Shape(spread)), [result], site)
    for axis in repeated { lengths[axis] *= counts[axis] }
    result = reshaped(result, Shape(lengths), site)
    end = repeated[repeated.startIndex]
  }
  return result
}

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
