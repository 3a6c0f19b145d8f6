/// Zeros of a shape with the input laid into them, element i of an axis at `start + i·step`: the gradient of ``Slice``.
public struct SliceScatter: Operator {
  /// Where the first element of each axis goes.
  public let starts: [Int]

  /// The distance between elements of each axis; not zero.
  public let steps: [Int]

  /// The shape of the output.
  public let shape: Shape

  /// A placement of every axis.
  public init(starts: [Int], steps: [Int], shape: Shape) {
    self.starts = starts
    self.steps = steps
    self.shape = shape
  }

  /// `slice_scatter`.
  public var name: String { "slice_scatter" }

  /// What the operator was made with.
  public var attributes: [Attribute] {
    [Attribute("starts", starts), Attribute("steps", steps), Attribute("shape", shape)]
  }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try shape.validate()
    let type = inputs[0]
    guard starts.count == shape.rank, steps.count == shape.rank, type.rank == shape.rank else {
      throw ShapeError(
        .rank, "slice_scatter: \(type), \(starts.count) starts and \(steps.count) steps do not fit \(shape)")
    }
    for axis in 0..<shape.rank where type.shape[axis] > 0 {
      guard steps[axis].magnitude <= UInt(Int32.max) else {
        throw ShapeError(.attribute, "slice_scatter: the step \(steps[axis]) of axis \(axis) is too long")
      }
      let last = starts[axis] + (type.shape[axis] - 1) * steps[axis]
      guard steps[axis] != 0 || type.shape[axis] == 1, starts[axis] >= 0, starts[axis] < shape[axis],
        last >= 0,
        last < shape[axis]
      else {
        throw ShapeError(
          .dimension,
          "slice_scatter: \(type) from \(starts[axis]) by \(steps[axis]) leaves axis \(axis) of \(shape); give more room"
        )
      }
    }
    return [TensorType(type.dtype, shape)]
  }

  /// Inputs are read and the output is written once.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 0) }

  /// Every axis along which pieces are independent.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    shape.splits()
  }

  /// Exactly the elements that the region needs.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    var result = region
    for axis in 0..<region.rank {
      result[axis] = sources(of: region[axis], axis: axis, count: signature.inputs[0].shape[axis])
    }
    return result
  }

  /// The input indices of an axis whose places fall into a range of the output.
  private func sources(of range: Range<Int>, axis: Int, count: Int) -> Range<Int> {
    let (start, step) = (starts[axis], steps[axis])
    let inside = { (index: Int) in range.contains(start + index * step) }
    // Places rise or fall with the index, so those inside are one range; its ends follow by division.
    guard count > 0, !range.isEmpty else { return 0..<0 }
    guard step != 0, count > 1 else { return inside(0) ? 0..<1 : 0..<0 }
    let near = step > 0 ? range.lowerBound - start : start - (range.upperBound - 1)
    let far = step > 0 ? range.upperBound - 1 - start : start - range.lowerBound
    let stride = abs(step)
    let lower = near <= 0 ? 0 : (near + stride - 1) / stride
    let upper = far < 0 ? 0 : min(count, far / stride + 1)
    return lower < upper ? lower..<upper : 0..<0
  }

  /// The kernel of a region, with all strides worked out beforehand.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let dtype = signature.outputs[0].dtype
    let source = inputRegion(0, for: region, signature)
    let sourceStrides = signature.inputs[0].shape.strides
    let strides = shape.strides
    let targetStrides = (0..<shape.rank).map { strides[$0] * steps[$0] }
    let first = (0..<shape.rank).reduce(0) { $0 + starts[$1] * strides[$1] }
    let clear = StridedCopy(dtype, filling: region, of: shape)
    let place = StridedCopy(
      dtype, lengths: source.shape, from: source.offset(strides: sourceStrides), sourceStrides: sourceStrides,
      to: first + source.offset(strides: targetStrides), targetStrides: targetStrides)
    return Kernel { arguments in
      clear.fillZero(arguments.pointers[1])
      place(from: arguments.pointers[0], to: arguments.pointers[1])
      return .success
    }
  }
}
