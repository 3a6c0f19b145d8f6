/// Several tensors one after the other along an axis; all other axes agree.
public struct Concat: Operator {
  /// The axis, non-negative.
  public let axis: Int

  /// A concatenation along an axis.
  public init(axis: Int) { self.axis = axis }

  /// `concat`.
  public var name: String { "concat" }

  /// What the operator was made with.
  public var attributes: [Attribute] { [Attribute("axis", axis)] }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard let first = inputs.first else { throw ShapeError(.arity, "concat takes at least one input") }
    guard axis >= 0, axis < first.rank else {
      throw ShapeError(.axis, "concat: axis \(axis) does not exist in \(first), which has \(first.rank) axes")
    }
    var shape = first.shape
    for (index, type) in inputs.enumerated().dropFirst() {
      guard type.dtype == first.dtype else {
        throw ShapeError(.dtype, "concat: input \(index) is \(type) and input 0 is \(first); cast one")
      }
      guard type.rank == first.rank,
        type.shape.indices.allSatisfy({ $0 == axis || type.shape[$0] == shape[$0] })
      else {
        throw ShapeError(
          .dimension,
          "concat: input \(index) is \(type), and must differ from \(first) in no axis but \(axis)")
      }
      let (length, overflow) = shape[axis].addingReportingOverflow(type.shape[axis])
      guard !overflow else { throw ShapeError(.overflow, "concat: axis \(axis) becomes too long") }
      shape[axis] = length
    }
    try shape.validate()
    return [TensorType(first.dtype, shape)]
  }

  /// Inputs are read and the output is written once.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 0) }

  /// Every axis along which pieces are independent.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits(except: axis) + [SplitAxis(axis)]
  }

  /// Exactly the elements that the region needs.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let start = signature.inputs[..<index].reduce(0) { $0 + $1.shape[axis] }
    let placed = Region(whole: signature.inputs[index].shape).shifted(axis: axis, by: start)
    let common = region.intersection(placed)
    return common[axis].isEmpty
      ? common.replacing(axis: axis, with: 0..<0) : common.shifted(axis: axis, by: -start)
  }

  /// A view where no element moves.
  public func viewOffset(_ signature: Signature) -> Int? { signature.inputs.count == 1 ? 0 : nil }

  /// The kernel of a region, with all strides worked out beforehand.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let targetStrides = signature.outputs[0].shape.strides
    var start = 0
    var copies: [StridedCopyList.Item] = []
    for (index, input) in signature.inputs.enumerated() {
      let source = inputRegion(index, for: region, signature)
      let sourceStrides = input.shape.strides
      if source.elementCount > 0 {
        let copy = StridedCopy(
          input.dtype, lengths: source.shape, from: source.offset(strides: sourceStrides),
          sourceStrides: sourceStrides,
          to: start * targetStrides[axis] + source.offset(strides: targetStrides),
          targetStrides: targetStrides)
        copies.append(StridedCopyList.Item(input: index, copy: copy))
      }
      start += input.shape[axis]
    }
    let list = StridedCopyList(copies)
    let output = signature.inputs.count
    return Kernel { arguments in
      list.run(arguments, output: output)
      return .success
    }
  }
}
