public import TributaryOps

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

extension Reduce: DifferentiableOperator {
  /// The cotangent spread over the reduced axes: whole for a sum, divided by the count for a mean, times the product of
  /// the others for a product, shared evenly among the extremes for the largest and least.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let dy = context.dy
    let kept = x.shape.keeping(reduced: axes)
    func spread(_ value: Value) -> Value { context.apply(BroadcastTo(shape: x.shape), reshaped(value, kept)) }
    switch function {
    case .sum: return [spread(dy)]
    case .mean:
      let count = axes.reduce(1) { $0 * x.shape[$1] }
      return [spread(dy / Double(count))]
    case .prod: return [productCotangent(x, reshaped(dy, kept), axes)]
    case .max, .min:
      let extreme = reshaped(context.outputs[0], kept)
      let mask = context.apply(Cast(to: x.dtype), x .== extreme)
      return [mask * (reshaped(dy, kept) / reduce(.sum, mask, axes, true))]
    }
  }
}

extension Norm: DifferentiableOperator {
  /// dy · x / ‖x‖; 0 at the zero vector, where dividing by infinity makes it so in derivatives of every order.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let y = context.outputs[0]
    let infinity = context.builder.constant(.infinity, dtype: x.dtype)
    let divisor = context.apply(Where(), y .== 0, infinity, y)
    return [x * reshaped(context.dy / divisor, x.shape.keeping(reduced: axes))]
  }
}

extension Reduce {
  /// The sum or mean of the tangent; by the transpose for others.
  public func jvp(_ context: JVPContext) -> [Value?] {
    switch function {
    case .sum, .mean: context.linear(self)
    case .prod, .max, .min: context.transposed(vjp)
    }
  }
}
