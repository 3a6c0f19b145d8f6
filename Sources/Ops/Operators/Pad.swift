/// The input surrounded by a constant.
public struct Pad: Operator {
  /// For each axis the number of elements before and after.
  public let pads: [[Int]]

  /// What the new elements are; rounded for integers, `true` for bool when not zero.
  public let value: Double

  /// A padding of every axis by `[before, after]`, neither negative.
  public init(pads: [[Int]], value: Double = 0) {
    self.pads = pads
    self.value = value
  }

  /// `pad`.
  public var name: String { "pad" }

  /// What the operator was made with.
  public var attributes: [Attribute] { [Attribute("pads", pads), Attribute("value", value)] }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    let type = inputs[0]
    guard pads.count == type.rank, pads.allSatisfy({ $0.count == 2 && $0[0] >= 0 && $0[1] >= 0 }) else {
      throw ShapeError(
        .attribute, "pad: \(type) needs \(type.rank) pairs of non-negative numbers and was given \(pads)")
    }
    var lengths: [Int] = []
    for axis in 0..<type.rank {
      let (around, first) = pads[axis][0].addingReportingOverflow(pads[axis][1])
      let (length, second) = around.addingReportingOverflow(type.shape[axis])
      guard !first, !second else {
        throw ShapeError(.overflow, "pad: \(pads[axis]) is too much for axis \(axis); give less")
      }
      lengths.append(length)
    }
    let shape = Shape(lengths)
    try shape.validate()
    if type.dtype.isInteger, value.rounded() != value || abs(value) > 2_147_483_647 {
      throw ShapeError(
        .attribute, "pad: \(value) is not a value of \(type.dtype); give one, or cast the input")
    }
    return [TensorType(type.dtype, shape)]
  }

  /// Inputs are read and the output is written once.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 0) }

  /// Every axis along which pieces are independent.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits()
  }

  /// Exactly the elements that the region needs.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    var inner = Region(whole: signature.inputs[0].shape)
    for axis in 0..<region.rank { inner = inner.shifted(axis: axis, by: pads[axis][0]) }
    inner = region.intersection(inner)
    for axis in 0..<region.rank {
      inner =
        inner[axis].isEmpty
        ? inner.replacing(axis: axis, with: 0..<0) : inner.shifted(axis: axis, by: -pads[axis][0])
    }
    return inner
  }

  /// The bytes of one new element.
  private func pattern(_ dtype: DType) -> UInt64 {
    switch dtype {
    case .float32: UInt64(Float(value).bitPattern)
    case .float64: value.bitPattern
    case .int32: UInt64(UInt32(bitPattern: Int32(value)))
    case .int64: UInt64(bitPattern: Int64(value))
    case .bool: value != 0 ? 1 : 0
    }
  }

  /// The kernel of a region, with all strides worked out beforehand.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let (input, output) = (signature.inputs[0], signature.outputs[0])
    let source = inputRegion(0, for: region, signature)
    let (sourceStrides, targetStrides) = (input.shape.strides, output.shape.strides)
    let first = (0..<input.rank).reduce(0) { $0 + pads[$1][0] * targetStrides[$1] }
    let fill = StridedCopy(input.dtype, filling: region, of: output.shape)
    let place = StridedCopy(
      input.dtype, lengths: source.shape, from: source.offset(strides: sourceStrides),
      sourceStrides: sourceStrides, to: first + source.offset(strides: targetStrides),
      targetStrides: targetStrides)
    let element = pattern(input.dtype)
    return Kernel { arguments in
      withUnsafeBytes(of: element) { bytes in
        if let base = bytes.baseAddress { fill(from: base, to: arguments.pointers[1]) }
      }
      place(from: arguments.pointers[0], to: arguments.pointers[1])
      return .success
    }
  }
}
