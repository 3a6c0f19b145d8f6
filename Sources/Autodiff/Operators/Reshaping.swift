public import TributaryOps

/// The same elements, in row-major order, under another shape.
///
/// - Parameters:
///   - x: Any element type and shape.
///   - shape: One length may be −1: it is what the number of elements leaves.
public func reshape(_ x: Value, _ shape: Shape, file: StaticString = #fileID, line: UInt = #line) -> Value {
  x.builder.emit("reshape", [x], SourceSite(file, line)) { () throws(ShapeError) in
    Reshape(shape: try x.shape.resolving(shape))
  }
}

/// The axes in another order: output axis i is input axis `permutation[i]`; nil reverses them.
public func transpose(
  _ x: Value, permutation: [Int]? = nil, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  x.builder.emit("transpose", [x], SourceSite(file, line)) { () throws(ShapeError) in
    guard let permutation else { return Transpose(permutation: Array((0..<x.rank).reversed())) }
    var axes: [Int] = []
    for axis in permutation { axes.append(try x.shape.resolved(axis: axis)) }
    guard axes.sorted() == Array(0..<x.rank) else {
      throw ShapeError(.axis, "\(permutation) must name each of the \(x.rank) axes of \(x.shape) once")
    }
    return Transpose(permutation: axes)
  }
}

/// The axes with two of them exchanged.
public func swapAxes(
  _ x: Value, _ first: Int, _ second: Int, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  x.builder.emit("transpose", [x], SourceSite(file, line)) { () throws(ShapeError) in
    var axes = Array(0..<x.rank)
    axes.swapAt(try x.shape.resolved(axis: first), try x.shape.resolved(axis: second))
    return Transpose(permutation: axes)
  }
}

/// The elements repeated along axes of length 1 and along new leading axes.
public func broadcast(_ x: Value, to shape: Shape, file: StaticString = #fileID, line: UInt = #line) -> Value
{
  x.builder.emit(BroadcastTo(shape: shape), [x], SourceSite(file, line))
}

extension Shape {
  /// A shape with as many elements in which a −1 has been replaced.
  func resolving(_ shape: Shape) throws(ShapeError) -> Shape {
    guard shape.rank <= Shape.maximumRank else { try shape.validate(); return shape }
    let unknown = shape.indices.filter { shape[$0] == -1 }
    guard unknown.count <= 1 else {
      throw ShapeError(.attribute, "\(shape) leaves more than one length open")
    }
    guard let axis = unknown.first else { return shape }
    var result = shape
    result[axis] = 1
    try result.validate()
    let known = result.elementCount
    guard known > 0, elementCount % known == 0 else {
      throw ShapeError(.dimension, "\(self) has \(elementCount) elements, which \(shape) cannot hold")
    }
    result[axis] = elementCount / known
    return result
  }
}

extension BroadcastTo: DifferentiableOperator {
  /// The cotangent summed over the copies.
  public func vjp(_ context: VJPContext) -> [Value?] { [context.unbroadcast(context.dy, to: 0)] }
}

extension Reshape: DifferentiableOperator {
  /// The cotangent in the operand's shape.
  public func vjp(_ context: VJPContext) -> [Value?] { [reshaped(context.dy, context.inputs[0].shape)] }
}

extension Transpose: DifferentiableOperator {
  /// The cotangent with the axes put back.
  public func vjp(_ context: VJPContext) -> [Value?] {
    var inverse = permutation
    for (output, input) in permutation.enumerated() { inverse[input] = output }
    return [context.apply(Transpose(permutation: inverse), context.dy)]
  }
}

extension BroadcastTo {
  /// The tangent, broadcast.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension Reshape {
  /// The tangent in the result's shape.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension Transpose {
  /// The tangent with its axes in the same order.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}
