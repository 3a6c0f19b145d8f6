/// A box with steps: along each axis the elements start, start + step, … before stop (after it where the step is
/// negative). Starts and stops are normalised: within the axis, counted from its beginning; a stop of -1 with a
/// negative step means that the first element is taken too.
public struct Slice: Operator {
  /// The first index of each axis.
  public let starts: [Int]

  /// One past the last index of each axis, in the direction of the step.
  public let stops: [Int]

  /// The distance between indices of each axis; not zero.
  public let steps: [Int]

  /// A slice of every axis.
  public init(starts: [Int], stops: [Int], steps: [Int]) {
    self.starts = starts
    self.stops = stops
    self.steps = steps
  }

  /// `slice`.
  public var name: String { "slice" }

  /// What the operator was made with.
  public var attributes: [Attribute] {
    [Attribute("starts", starts), Attribute("stops", stops), Attribute("steps", steps)]
  }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    let type = inputs[0]
    guard starts.count == type.rank, stops.count == type.rank, steps.count == type.rank else {
      throw ShapeError(
        .attribute, "slice: \(type) needs \(type.rank) starts, stops and steps, one for each axis")
    }
    var lengths: [Int] = []
    for axis in 0..<type.rank {
      let (start, stop, step) = (starts[axis], stops[axis], steps[axis])
      let bounds = -1...type.shape[axis]
      guard step != 0, step.magnitude <= UInt(Int32.max), bounds.contains(start), bounds.contains(stop) else {
        throw ShapeError(
          .attribute,
          "slice: \(start)..<\(stop) by \(step) is not a normalised range of axis \(axis) of \(type)")
      }
      let count = max(0, step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step)
      let last = start + (count - 1) * step
      guard count == 0 || (start >= 0 && start < type.shape[axis] && last >= 0 && last < type.shape[axis])
      else {
        throw ShapeError(
          .dimension,
          "slice: \(start)..<\(stop) by \(step) leaves axis \(axis) of \(type), which has \(type.shape[axis]) elements"
        )
      }
      lengths.append(count)
    }
    return [TensorType(type.dtype, Shape(lengths))]
  }

  /// Inputs are read and the output is written once.
  public func cost(_ signature: Signature) -> Cost {
    let bytes = Double(signature.outputs[0].byteCount)
    return Cost(flops: 0, bytesRead: bytes, bytesWritten: bytes)
  }

  /// Every axis along which pieces are independent.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits()
  }

  /// Exactly the elements that the region needs.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    var result = region
    for axis in 0..<region.rank {
      guard !region[axis].isEmpty else {
        result[axis] = 0..<0
        continue
      }
      let first = starts[axis] + region[axis].lowerBound * steps[axis]
      let last = starts[axis] + (region[axis].upperBound - 1) * steps[axis]
      result[axis] = min(first, last)..<max(first, last) + 1
    }
    return result
  }

  /// A view where the elements are contiguous in the input: all axes before one have length 1, all after it are whole.
  public func viewOffset(_ signature: Signature) -> Int? {
    let (input, output) = (signature.inputs[0].shape, signature.outputs[0].shape)
    guard output.elementCount > 0 else { return 0 }
    guard output.indices.allSatisfy({ steps[$0] == 1 || output[$0] == 1 }) else { return nil }
    let cut = output.indices.first { output[$0] != 1 } ?? output.rank
    guard output.indices.allSatisfy({ $0 <= cut || output[$0] == input[$0] }) else { return nil }
    let strides = input.strides
    return output.indices.reduce(0) { $0 + starts[$1] * strides[$1] }
  }

  /// The kernel of a region, with all strides worked out beforehand.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let own = signature.inputs[0].shape.strides
    let sourceStrides = (0..<region.rank).map { own[$0] * steps[$0] }
    let first = (0..<region.rank).reduce(0) { $0 + starts[$1] * own[$1] }
    let targetStrides = signature.outputs[0].shape.strides
    let copy = StridedCopy(
      signature.outputs[0].dtype, lengths: region.shape, from: first + region.offset(strides: sourceStrides),
      sourceStrides: sourceStrides, to: region.offset(strides: targetStrides), targetStrides: targetStrides)
    return Kernel { arguments in
      copy(from: arguments.pointers[0], to: arguments.pointers[1])
      return .success
    }
  }
}
