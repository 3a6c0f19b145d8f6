internal import TributaryOps

/// dy times the product of all other elements, for each element of the axes that a product was taken over; dy has length
/// 1 there.
///
/// Nothing is divided, so that one zero or several do no harm, in derivatives of every order: the product is taken again
/// as a tree of products of halves, and the cotangent goes down it. Some 6 log₂ n operators, which read and write each
/// element about ten times.
func productCotangent(_ x: Value, _ dy: Value, _ axes: [Int]) -> Value {
  let builder = x.builder
  guard x.type.elementCount > 0 else { return builder.zeros(x.type) }
  let kept = x.shape.indices.filter { !axes.contains($0) }
  // One axis for all that meet: in place where they are neighbours, else behind the others.
  let areNeighbours = zip(axes, axes.dropFirst()).allSatisfy { $0 + 1 == $1 }
  let order = areNeighbours ? Array(x.shape.indices) : kept + axes
  func lengths(_ of: some Sequence<Int>) -> Int { of.reduce(1) { $0 * x.shape[$1] } }
  let before = areNeighbours ? kept.filter { $0 < axes.first ?? 0 } : kept
  let outer = lengths(before)
  let inner = lengths(kept) / outer
  func ordered(_ value: Value) -> Value {
    areNeighbours ? value : builder.emit(Transpose(permutation: order), [value])
  }
  let merged = reshaped(ordered(x), [outer, lengths(axes), inner])
  let result = halves(merged, reshaped(ordered(dy), [outer, 1, inner]))
  let apart = reshaped(result, Shape(order.map { x.shape[$0] }))
  guard !areNeighbours else { return apart }
  var inverse = order
  for (place, axis) in order.enumerated() { inverse[axis] = place }
  return builder.emit(Transpose(permutation: inverse), [apart])
}

/// The same along axis 1 of a value of rank 3.
private func halves(_ x: Value, _ dy: Value) -> Value {
  let builder = x.builder
  let length = x.shape[1]
  guard length > 1 else { return dy }
  let isOdd = length % 2 == 1
  let even = isOdd ? builder.emit(Pad(pads: [[0, 0], [0, 1], [0, 0]], value: 1), [x]) : x
  let middle = (length + 1) / 2
  let left = slice(even, axis: 1, 0..<middle)
  let right = slice(even, axis: 1, middle..<2 * middle)
  let above = halves(left * right, dy)
  let both = builder.emit(Concat(axis: 1), [above * right, above * left])
  return isOdd ? slice(both, axis: 1, 0..<length) : both
}
