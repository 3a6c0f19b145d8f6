public import TributaryOps

// Order along an axis, negative axes counting from the end. All sorts are stable: equal elements stay in the order of
// their indices, in both directions. NaN comes last in both directions, and −0 is equal to 0. Any element type. Takes
// O(n) for a row of n elements. The cotangent of an element goes to where it was; indices have no derivative.

/// The elements along an axis in order, and their indices before, i64 of the same shape.
///
/// - Parameters:
///   - x: Any element type, at least one axis.
///   - axis: The axis.
///   - descending: Whether the largest element comes first.
public func sort(
  _ x: Value, axis: Int = -1, descending: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> (values: Value, indices: Value) {
  sorted(x, axis, descending: descending, count: nil, SourceSite(file, line))
}

/// The indices along an axis that would sort it, i64: `gather(x, argsort(x), axis: -1)` is sorted.
///
/// - Parameters:
///   - x: Any element type, at least one axis.
///   - axis: The axis.
///   - descending: Whether the index of the largest element comes first.
public func argsort(
  _ x: Value, axis: Int = -1, descending: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  sorted(x, axis, descending: descending, count: nil, SourceSite(file, line)).indices
}

/// The k largest elements along an axis, the largest first, and their indices, i64; of equal ones those with the
/// smallest indices.
///
/// - Parameters:
///   - x: Any element type, at least one axis.
///   - k: How many, at most the length of the axis.
///   - axis: The axis; it has length k in the results.
///   - largest: False for the k smallest elements, the smallest first.
public func topK(
  _ x: Value, _ k: Int, axis: Int = -1, largest: Bool = true, file: StaticString = #fileID,
  line: UInt = #line
) -> (values: Value, indices: Value) {
  sorted(x, axis, descending: largest, count: k, SourceSite(file, line))
}

private func sorted(
  _ x: Value, _ axis: Int, descending: Bool, count: Int?, _ site: SourceSite
) -> (values: Value, indices: Value) {
  let values = x.builder.emit(count == nil ? "sort" : "top_k", [x], site) { () throws(ShapeError) in
    Sort(axis: try x.shape.resolved(axis: axis), descending: descending, count: count)
  }
  guard !values.isPoisoned else { return (values, values) }
  let indices = Value(
    builder: x.builder, id: ValueID(node: values.id.node, output: 1),
    type: TensorType(.int64, values.shape))
  return (values, indices)
}

extension Sort: DifferentiableOperator {
  /// The cotangent of each element goes to where it was; elements that were not kept get 0.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let zeros = context.builder.zeros(context.inputs[0].type)
    return [context.apply(ScatterAdd(axis: axis), zeros, context.outputs[1], context.dy)]
  }
}

extension Sort {
  /// The tangent, read where the elements that are kept come from.
  public func jvp(_ context: JVPContext) -> [Value?] {
    [context.apply(Gather(axis: axis), context.tangent(0), context.outputs[1]), nil]
  }
}
