/// The elements moved along some axes; what leaves at the end comes back at the beginning.
///
/// Output element (i + shift) mod n of an axis is input element i. Any element type; the output has the input's type.
public struct Roll: Operator, Hashable {
  /// How far each axis is moved, one entry an axis; negative towards the beginning.
  public let shifts: [Int]

  /// A rotation of every axis.
  public init(shifts: [Int]) { self.shifts = shifts }

  /// `roll`.
  public var name: String { "roll" }

  /// The shifts.
  public var attributes: [Attribute] { [Attribute("shifts", shifts)] }

  /// The input's type.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    guard shifts.count == inputs[0].rank else {
      throw ShapeError(
        .attribute, "roll: \(inputs[0]) needs \(inputs[0].rank) shifts, one an axis, and was given \(shifts)")
    }
    return inputs
  }

  /// The input is read and the output is written once.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 0) }

  /// Every axis longer than 1.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits()
  }

  /// The elements that move into the region; along an axis where they wrap around, all between.
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
        let length = shape[axis]
        let rest = length == 0 ? 0 : shifts[axis] % length
        let shift = rest < 0 ? rest + length : rest
        return [.init(0..<shift, from: length - shift), .init(shift..<length, from: 0)]
      })
  }
}
