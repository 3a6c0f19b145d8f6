internal import CKernels

/// Slices along an axis: (x, index vector) to x with that axis replaced by the index's length. All indices are checked
/// before anything is written; one outside the axis is a fault.
public struct IndexSelect: Operator {
  /// The axis, non-negative.
  public let axis: Int

  /// A selection along an axis.
  public init(axis: Int) { self.axis = axis }

  /// `index_select`.
  public var name: String { "index_select" }

  /// The axis.
  public var attributes: [Attribute] { [Attribute("axis", axis)] }

  /// The input's type with another length along the axis.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    try expectIndices(inputs[1])
    guard axis >= 0, axis < inputs[0].rank else {
      throw ShapeError(
        .axis, "index_select: axis \(axis) does not exist in \(inputs[0]), which has \(inputs[0].rank) axes")
    }
    guard inputs[1].rank == 1 else {
      throw ShapeError(.rank, "index_select: the index must be a vector and was given as \(inputs[1])")
    }
    var shape = inputs[0].shape
    shape[axis] = inputs[1].shape[0]
    try shape.validate()
    return [TensorType(inputs[0].dtype, shape)]
  }

  /// Slices are read once for every index.
  public func cost(_ signature: Signature) -> Cost {
    let bytes = Double(signature.outputs[0].byteCount)
    return Cost(flops: 0, bytesRead: bytes + Double(signature.inputs[1].byteCount), bytesWritten: bytes)
  }

  /// The first axis.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape[0] > 1 ? [SplitAxis(0)] : []
  }

  /// The region's indices, and all that they may name.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let whole = Region(whole: signature.inputs[index].shape)
    if index == 1 { return axis == 0 ? whole.replacing(axis: 0, with: region[0]) : whole }
    return axis == 0 ? whole : whole.replacing(axis: 0, with: region[0])
  }

  /// Indices are checked when the kernel runs.
  public var canFault: Bool { true }

  /// The kernel of a range of the first axis.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let (input, output, index) = (signature.inputs[0], signature.outputs[0], signature.inputs[1])
    let bytes = input.dtype.byteCount
    let slice = input.shape.dropFirst(axis + 1).reduce(1, *) * bytes
    let indices = axis == 0 ? region[0] : 0..<index.elementCount
    // The blocks before the axis that the region covers.
    let inFirst = output.shape.prefix(axis).dropFirst().reduce(1, *)
    let blocks = axis == 0 ? 0..<1 : region[0].lowerBound * inFirst..<region[0].upperBound * inFirst
    let (blockX, blockY) = (input.shape[axis] * slice, output.shape[axis] * slice)
    let take = ck_take(
      outer: blocks.count, count: indices.count, bytes: slice, x_offset: blocks.lowerBound * blockX,
      x_outer: blockX, x_stride: slice, y_offset: blocks.lowerBound * blockY + indices.lowerBound * slice,
      y_outer: blockY, y_stride: slice, first_index: indices.lowerBound, wide: index.dtype == .int64 ? 1 : 0)
    return .taking(take, index, limit: input.shape[axis], indices: indices)
  }
}
