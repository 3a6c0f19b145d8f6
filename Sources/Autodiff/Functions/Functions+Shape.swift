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
