/// The same elements in the same order under another shape. A view: nothing is computed where the planner lets the
/// output share the input's bytes.
public struct Reshape: Operator {
  /// The new shape.
  public let shape: Shape

  /// A reshape to a shape, every length given.
  public init(shape: Shape) { self.shape = shape }

  /// `reshape`.
  public var name: String { "reshape" }

  /// What the operator was made with.
  public var attributes: [Attribute] { [Attribute("shape", shape)] }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try shape.validate()
    guard shape.elementCount == inputs[0].elementCount else {
      throw ShapeError(
        .dimension,
        "reshape: \(inputs[0]) has \(inputs[0].elementCount) elements and \(shape) has \(shape.elementCount)")
    }
    return [TensorType(inputs[0].dtype, shape)]
  }

  /// Inputs are read and the output is written once.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 0) }

  /// Always a view.
  public func viewOffset(_ signature: Signature) -> Int? { 0 }

  /// The kernel of a region, with all strides worked out beforehand.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let copy = StridedCopy(signature.outputs[0].dtype, region: region, of: shape)
    return Kernel { arguments in
      copy(from: arguments.pointers[0], to: arguments.pointers[1])
      return .success
    }
  }
}
