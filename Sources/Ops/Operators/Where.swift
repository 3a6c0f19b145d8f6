/// a where the condition is true, else b; the three shapes are broadcast as in NumPy.
///
/// Inputs (condition bool, a, b), a and b of one element type, any; the output has theirs.
public struct Where: ElementwiseOperator, Hashable {
  /// The operator.
  public init() {}

  /// `where`.
  public var name: String { "where" }

  /// The element type of a and b, the broadcast shape.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 3)
    try expectBool(inputs[0])
    let dtype = try expectEqualTypes(inputs.dropFirst())
    return [TensorType(dtype, try broadcastShape(inputs))]
  }

  /// A selection by the width of the elements.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("where", signature.inputs[1].dtype)
  }
}

/// The same numbers in another element type.
///
/// From floating point to integers towards zero, saturating, NaN to 0; to bool, whether the number is not 0; from bool,
/// 0 and 1; to floating point, rounded to nearest; from i64 to i32 the low 32 bits.
public struct Cast: ElementwiseOperator, Hashable {
  /// The element type of the output.
  public let dtype: DType

  /// A conversion to an element type.
  public init(to dtype: DType) { self.dtype = dtype }

  /// `cast`.
  public var name: String { "cast" }

  /// The element type.
  public var attributes: [Attribute] { [Attribute("to", dtype)] }

  /// The input's shape with the new element type.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    return [TensorType(dtype, inputs[0].shape)]
  }

  /// The conversion's loop.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("cast.to_\(dtype)", signature.inputs[0].dtype)
  }
}

/// A tensor repeated along axes where its length is 1 or missing, as NumPy broadcasts it to a shape.
public struct BroadcastTo: ElementwiseOperator, Hashable {
  /// The shape of the output.
  public let shape: Shape

  /// A repetition up to a shape.
  public init(shape: Shape) { self.shape = shape }

  /// `broadcast_to`.
  public var name: String { "broadcast_to" }

  /// The shape.
  public var attributes: [Attribute] { [Attribute("shape", shape)] }

  /// The input's element type and the shape.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try shape.validate()
    guard inputs[0].shape.broadcast(with: shape) == shape else {
      throw ShapeError(
        .dimension,
        "broadcast_to: \(inputs[0].shape) does not broadcast to \(shape): counted from the last axis, each of its "
          + "lengths must be equal or 1; reshape it first")
    }
    return [TensorType(inputs[0].dtype, shape)]
  }

  /// Nothing is computed.
  public func flopsPerElement(_ signature: Signature) -> Double { 0 }

  /// A copy by the width of the elements.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("copy", signature.inputs[0].dtype)
  }

  /// Input 0 itself where the number of elements is the same.
  public func viewOffset(_ signature: Signature) -> Int? {
    signature.inputs[0].elementCount == signature.outputs[0].elementCount ? 0 : nil
  }
}
