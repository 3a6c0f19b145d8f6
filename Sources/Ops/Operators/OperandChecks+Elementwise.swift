/// Checks of operators that broadcast or reduce; each error names the operator.
extension Operator {
  /// Throws unless all inputs have the same element type; returns it.
  func expectEqualTypes(_ inputs: some Sequence<TensorType>) throws(ShapeError) -> DType {
    let all = Array(inputs)
    guard all.dropFirst().allSatisfy({ $0.dtype == all[0].dtype }) else {
      throw ShapeError(
        .dtype, "\(name) takes inputs of one element type; \(all) were given; cast some of them")
    }
    return all[0].dtype
  }

  /// Throws when an input holds bool.
  func expectNumbers(_ input: TensorType) throws(ShapeError) {
    guard input.dtype != .bool else {
      throw ShapeError(.dtype, "\(name) takes numbers; \(input) was given; cast it first")
    }
  }

  /// Throws unless an input holds bool.
  func expectBool(_ input: TensorType) throws(ShapeError) {
    guard input.dtype == .bool else {
      throw ShapeError(.dtype, "\(name) takes a bool here; \(input) was given; compare or cast it first")
    }
  }

  /// Throws unless an input's type is as expected.
  func expect(_ input: TensorType, toBe type: TensorType, _ what: String) throws(ShapeError) {
    guard input == type else {
      throw ShapeError(
        input.dtype == type.dtype ? .dimension : .dtype,
        "\(name) needs \(type) as \(what); \(input) was given")
    }
  }

  /// The shape to which all inputs broadcast.
  func broadcastShape(_ inputs: [TensorType]) throws(ShapeError) -> Shape {
    var shape = inputs[0].shape
    for input in inputs.dropFirst() {
      guard let both = shape.broadcast(with: input.shape) else {
        throw ShapeError(
          .dimension,
          "\(name): the shapes \(inputs.map { "\($0.shape)" }.joined(separator: ", ")) cannot be broadcast: "
            + "counted from the last axis, lengths must be equal or 1; reshape one of the inputs")
      }
      shape = both
    }
    try shape.validate()
    return shape
  }

  /// Throws unless `axes` are distinct axes of a tensor of the given shape.
  func expectAxes(_ axes: [Int], of shape: Shape) throws(ShapeError) {
    for (index, axis) in axes.enumerated() {
      guard axis >= 0, axis < shape.rank else {
        throw ShapeError(
          .axis, "\(name): axis \(axis) is out of range for shape \(shape); axes are 0..<\(shape.rank)")
      }
      guard !axes[..<index].contains(axis) else {
        throw ShapeError(.axis, "\(name): axis \(axis) is named twice in \(axes)")
      }
    }
  }
}
