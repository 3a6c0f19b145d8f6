/// Checks that operators share; each error names the operator.
extension Operator {
  /// The inputs, when there are as many as asked for.
  func expect(_ inputs: [TensorType], count: Int) throws(ShapeError) {
    guard inputs.count == count else {
      throw ShapeError(
        .arity, "\(name) takes \(count) input\(count == 1 ? "" : "s") and was given \(inputs.count)")
    }
  }

  /// The axis, counted from the end when negative.
  func resolve(axis: Int, of type: TensorType) throws(ShapeError) -> Int {
    guard let resolved = type.shape.normalized(axis: axis) else {
      throw ShapeError(.axis, "\(name): axis \(axis) does not exist in \(type), which has \(type.rank) axes")
    }
    return resolved
  }

  /// A floating-point input.
  func expectFloatingPoint(_ type: TensorType) throws(ShapeError) {
    guard type.dtype.isFloatingPoint else {
      throw ShapeError(.dtype, "\(name) computes in f32 or f64 and was given \(type); cast it first")
    }
  }

  /// An integer input that holds indices.
  func expectIndices(_ type: TensorType) throws(ShapeError) {
    guard type.dtype.isInteger else {
      throw ShapeError(.dtype, "\(name) takes indices of type i32 or i64 and was given \(type)")
    }
  }
}
