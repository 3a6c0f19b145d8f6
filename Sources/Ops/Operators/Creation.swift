/// A tensor of one number. No inputs.
public struct Fill: ElementwiseOperator, Hashable {
  /// The type of the output.
  public let type: TensorType

  /// Every element.
  public let value: Double

  /// A tensor of one number, converted to the element type (to bool: whether it is not 0).
  public init(type: TensorType, value: Double) {
    self.type = type
    self.value = value
  }

  /// `fill`.
  public var name: String { "fill" }

  /// The type and the number.
  public var attributes: [Attribute] { [Attribute("type", type), Attribute("value", value)] }

  /// The type.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 0)
    try type.shape.validate()
    guard type.dtype.isFloatingPoint || type.dtype == .bool || Int64(exactly: value) != nil else {
      throw ShapeError(
        .attribute,
        "fill: \(value) is not a whole number and cannot fill \(type); give one, or another element type")
    }
    guard type.dtype != .int32 || Int32(exactly: value) != nil else {
      throw ShapeError(.attribute, "fill: \(value) is out of range for \(type)")
    }
    return [type]
  }

  /// Nothing is computed.
  public func flopsPerElement(_ signature: Signature) -> Double { 0 }

  /// A store.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    let number = type.dtype == .bool ? (value != 0 ? 1 : 0) : value
    return ElementwiseLoop("fill", type.dtype, constants: [number, 0, 0, 0])
  }
}

/// Each element's index along one axis. No inputs; not bool.
public struct Iota: ElementwiseOperator, Hashable {
  /// The type of the output.
  public let type: TensorType

  /// The axis that is counted.
  public let axis: Int

  /// Indices along an axis.
  public init(type: TensorType, axis: Int) {
    self.type = type
    self.axis = axis
  }

  /// `iota`.
  public var name: String { "iota" }

  /// The type and the axis.
  public var attributes: [Attribute] { [Attribute("type", type), Attribute("axis", axis)] }

  /// The type.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 0)
    try type.shape.validate()
    try expectNumbers(type)
    try expectAxes([axis], of: type.shape)
    return [type]
  }

  /// An index computed from the place.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop(
      "iota", type.dtype, constants: [Double(type.shape.strides[axis]), Double(type.shape[axis]), 0, 0])
  }
}

/// 1 at the index that an id names along a new last axis, else 0. Ids i32 or i64 of any shape [...]; the output is
/// [..., classes]. An id outside 0 ..< classes gives zeros alone.
public struct OneHot: ElementwiseOperator, Hashable {
  /// The length of the last axis.
  public let classes: Int

  /// The element type of the output.
  public let dtype: DType

  /// An encoding of so many classes.
  public init(classes: Int, dtype: DType = .float32) {
    self.classes = classes
    self.dtype = dtype
  }

  /// `one_hot`.
  public var name: String { "one_hot" }

  /// The number of classes and the element type.
  public var attributes: [Attribute] { [Attribute("classes", classes), Attribute("dtype", dtype)] }

  /// The ids' shape with the classes appended.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expectIndices(inputs[0])
    guard classes > 0 else {
      throw ShapeError(.attribute, "one_hot: the number of classes is \(classes); it must be positive")
    }
    let shape = Shape(inputs[0].shape.dimensions + [classes])
    try shape.validate()
    return [TensorType(dtype, shape)]
  }

  /// The ids whose rows are touched.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    var result = Region(whole: signature.inputs[0].shape)
    for axis in 0..<result.rank { result[axis] = region[axis] }
    return result
  }

  /// A comparison of the ids with the place, by the ids' width.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("one_hot_\(signature.inputs[0].dtype)", dtype, constants: [Double(classes), 0, 0, 0])
  }

  /// The loop over ids that stay while the classes are walked.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let ids = TensorType(signature.inputs[0].dtype, Shape(signature.inputs[0].shape.dimensions + [1]))
    return try VectorKernels.elementwise(
      loop(signature), operator: name, Signature(inputs: [ids], outputs: signature.outputs), region: region,
      spreadsShortRows: false)
  }

  /// None: the loop looks at places in the output.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int { 0 }
}
