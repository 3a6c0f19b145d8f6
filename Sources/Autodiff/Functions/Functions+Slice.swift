internal import TributaryOps

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
