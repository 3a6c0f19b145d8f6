/// The axes in another order: output axis i is input axis `permutation[i]`.
public struct Transpose: Operator {
  /// For each output axis, the input axis that it is.
  public let permutation: [Int]

  /// A transposition by a permutation of 0 ..< rank.
  public init(permutation: [Int]) { self.permutation = permutation }

  /// `transpose`.
  public var name: String { "transpose" }

  /// What the operator was made with.
  public var attributes: [Attribute] { [Attribute("permutation", permutation)] }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    guard permutation.sorted() == Array(0..<inputs[0].rank) else {
      throw ShapeError(
        .axis,
        "transpose: \(permutation) does not name each axis of \(inputs[0]) once, from 0 to \(inputs[0].rank - 1)"
      )
    }
    return [TensorType(inputs[0].dtype, Shape(permutation.map { inputs[0].shape[$0] }))]
  }

  /// Inputs are read and the output is written once.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 0) }

  /// Every axis along which pieces are independent.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits()
  }

  /// Exactly the elements that the region needs.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    var result = region
    for (axis, source) in permutation.enumerated() { result[source] = region[axis] }
    return result
  }

  /// The elements stay where they are when only axes of length 1 move.
  public func viewOffset(_ signature: Signature) -> Int? {
    let shape = signature.inputs[0].shape
    let moved = permutation.filter { shape[$0] != 1 }
    return moved == moved.sorted() || shape.elementCount == 0 ? 0 : nil
  }

  /// The kernel of a region, with all strides worked out beforehand.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let own = signature.inputs[0].shape.strides
    let sourceStrides = permutation.map { own[$0] }
    let targetStrides = signature.outputs[0].shape.strides
    let copy = StridedCopy(
      signature.outputs[0].dtype, lengths: region.shape, from: region.offset(strides: sourceStrides),
      sourceStrides: sourceStrides, to: region.offset(strides: targetStrides), targetStrides: targetStrides)
    return Kernel { arguments in
      copy(from: arguments.pointers[0], to: arguments.pointers[1])
      return .success
    }
  }
}
