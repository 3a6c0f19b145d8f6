/// The input surrounded by its own reflection; the elements at the edges are not repeated.
///
/// For an axis [a, b, c, d] with 2 before and 1 after: [c, b, a, b, c, d, c]. Any element type. An axis must be longer
/// than either of its pads.
public struct ReflectPad: Operator, Hashable {
  /// For each axis the number of elements before and after.
  public let pads: [[Int]]

  /// A padding of every axis by `[before, after]`, neither negative.
  public init(pads: [[Int]]) { self.pads = pads }

  /// `reflect_pad`.
  public var name: String { "reflect_pad" }

  /// The pads.
  public var attributes: [Attribute] { [Attribute("pads", pads)] }

  /// The input's element type, the axes longer by their pads.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    let type = inputs[0]
    guard pads.count == type.rank, pads.allSatisfy({ $0.count == 2 && $0[0] >= 0 && $0[1] >= 0 }) else {
      throw ShapeError(
        .attribute, "\(name): \(type) needs \(type.rank) pairs of non-negative numbers and was given \(pads)")
    }
    for axis in 0..<type.rank {
      let widest = max(pads[axis][0], pads[axis][1])
      guard widest == 0 || widest < type.shape[axis] else {
        throw ShapeError(
          .dimension,
          "\(name): axis \(axis) of \(type) has no \(widest) elements beside its edge to reflect; pad by less"
        )
      }
    }
    let shape = Shape(type.shape.indices.map { type.shape[$0] + pads[$0][0] + pads[$0][1] })
    try shape.validate()
    return [TensorType(type.dtype, shape)]
  }

  /// The input is read and the output is written once.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 0) }

  /// Every axis longer than 1.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits()
  }

  /// The elements that the region shows.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    copy(signature).sources(of: region)
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    copy(signature).kernel(signature, region: region)
  }

  private func copy(_ signature: Signature) -> SegmentedCopy {
    let shape = signature.inputs[0].shape
    return SegmentedCopy(
      axes: shape.indices.map { axis in
        let (before, after, length) = (pads[axis][0], pads[axis][1], shape[axis])
        return [
          .init(0..<before, from: before, step: -1),
          .init(before..<before + length, from: 0),
          .init(before + length..<before + length + after, from: length - 2, step: -1),
        ]
      })
  }
}
