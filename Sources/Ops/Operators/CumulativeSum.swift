internal import CKernels

/// The running sum along an axis: y[i] = x[0] + … + x[i], or x[i] + … + x[n - 1] from the end.
///
/// Input and output of one type: f32, f64, i32, i64 (overflow wrapping around), any shape of rank 1 and more. Running sums
/// of f32 are kept in f64. The order of additions depends on the shape and the axis alone.
public struct CumulativeSum: Operator, Hashable {
  /// The axis that is summed, non-negative.
  public let axis: Int

  /// Whether the sums run from the end.
  public let reversed: Bool

  /// A running sum along an axis.
  public init(axis: Int, reversed: Bool = false) {
    self.axis = axis
    self.reversed = reversed
  }

  /// `cumsum`.
  public var name: String { "cumsum" }

  /// The axis, and whether the sums run from the end.
  public var attributes: [Attribute] { [Attribute("axis", axis), Attribute("reversed", reversed)] }

  /// The input's type.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expectNumbers(inputs[0])
    try expectAxes([axis], of: inputs[0].shape)
    return inputs
  }

  /// Two additions for each element.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 2) }

  /// Every axis but that of the sums.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits(except: axis)
  }

  /// The same region.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region { region }

  /// Every element is read before its place is written.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { true }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let output = signature.outputs[0]
    let loops = RowLoops(output.shape, axis: axis, region: region)
    let (level, dtype, bytes) = (VectorLevel.current.level, output.dtype.code, output.dtype.byteCount)
    let direction: Int32 = reversed ? 1 : 0
    return Kernel { arguments in
      loops.forEachBox { box, offset in
        ck_cumulate(
          level, dtype, direction, box, arguments.pointers[0] + offset * bytes,
          arguments.pointers[1] + offset * bytes)
      }
      return .success
    }
  }
}
