internal import TributaryOps

// Reductions over axes: `axes` nil means all, negative axes count from the end, and an empty list reduces nothing. With
// `keepDimensions` reduced axes stay with length 1.

/// The sum over axes; 0 over nothing.
public func sum(
  _ x: Value, axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  reduce(.sum, x, axes, keepDimensions, SourceSite(file, line))
}

/// The arithmetic mean over axes; NaN over nothing.
public func mean(
  _ x: Value, axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  reduce(.mean, x, axes, keepDimensions, SourceSite(file, line))
}

/// The largest element over axes; elements that tie share the cotangent evenly.
public func max(
  _ x: Value, axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  reduce(.max, x, axes, keepDimensions, SourceSite(file, line))
}

/// The smallest element over axes; elements that tie share the cotangent evenly.
public func min(
  _ x: Value, axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  reduce(.min, x, axes, keepDimensions, SourceSite(file, line))
}

/// The Euclidean norm √Σx² over axes; its derivative at the zero vector is taken as 0.
public func norm(
  _ x: Value, axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  x.builder.emit("norm", [x], SourceSite(file, line)) { () throws(ShapeError) in
    Norm(axes: try x.shape.normalized(axes: axes), keepDimensions: keepDimensions)
  }
}

/// log Σeˣ over axes, without overflow: the largest element is taken out first.
public func logSumExp(
  _ x: Value, axes: [Int]? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  // An infinite maximum would give ∞ − ∞: bounded, it leaves the sum to find the right limit.
  let largest = x.dtype == .float64 ? Double.greatestFiniteMagnitude : Double(Float.greatestFiniteMagnitude)
  let top = reduce(.max, x, axes, true, site)
  let shift = stopGradient(binary(.maximum, binary(.minimum, top, largest, site), -largest, site))
  let total = reduce(.sum, unary(.exp, binary(.sub, x, shift, site), site), axes, true, site)
  let result = binary(.add, unary(.log, total, site), shift, site)
  guard !keepDimensions else { return result }
  return x.builder.emit("log_sum_exp", [result], site) { () throws(ShapeError) in
    let reduced = try x.shape.normalized(axes: axes)
    return Reshape(shape: Shape(x.shape.indices.filter { !reduced.contains($0) }.map { x.shape[$0] }))
  }
}

func reduce(
  _ function: ReduceFunction, _ x: Value, _ axes: [Int]?, _ keepDimensions: Bool,
  _ site: SourceSite = .unknown
) -> Value {
  if let axes, axes.isEmpty, !x.isAfterStep { return x }
  return x.builder.emit(function.rawValue, [x], site) { () throws(ShapeError) in
    Reduce(function, axes: try x.shape.normalized(axes: axes), keepDimensions: keepDimensions)
  }
}
