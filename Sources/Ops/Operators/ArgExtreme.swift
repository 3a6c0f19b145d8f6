/// Which extreme's index is looked for. The raw value is the name of the operator and of its vector loop.
public enum Extreme: String, Sendable, Hashable, CaseIterable {
  case largest = "argmax"
  case least = "argmin"
}

/// The index of the first of the largest or least elements along an axis, or in row-major order of the whole tensor.
///
/// Input f32, f64, i32 or i64 of any shape; output i64 without the axis, or with length 1 there (of all axes where none is
/// given). A NaN counts as the extreme, the first of them. An axis without elements has no extreme.
public struct ArgExtreme: Operator, Hashable {
  /// Which extreme.
  public let extreme: Extreme

  /// The axis, non-negative; nil for the whole tensor.
  public let axis: Int?

  /// Whether the axis stays with length 1.
  public let keepDimensions: Bool

  /// A search along an axis, or through the whole tensor.
  public init(_ extreme: Extreme, axis: Int?, keepDimensions: Bool = false) {
    self.extreme = extreme
    self.axis = axis
    self.keepDimensions = keepDimensions
  }

  /// `argmax`, `argmin`.
  public var name: String { extreme.rawValue }

  /// The axis and whether it stays.
  public var attributes: [Attribute] {
    [Attribute("axis", axis.map(String.init) ?? "all"), Attribute("keepdims", keepDimensions)]
  }

  private func axes(of shape: Shape) -> [Int] { axis.map { [$0] } ?? Array(shape.indices) }

  /// Indices, of the input's shape without the axis.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expectNumbers(inputs[0])
    let shape = inputs[0].shape
    if let axis { try expectAxes([axis], of: shape) }
    let output = shape.reduced(over: axes(of: shape), keepDimensions: keepDimensions)
    guard output.elementCount == 0 || axes(of: shape).allSatisfy({ shape[$0] > 0 }) else {
      let place = axis.map { "axis \($0) of " } ?? ""
      throw ShapeError(
        .dimension,
        "\(name) over \(place)\(inputs[0]), which has no elements, has no value; give at least one")
    }
    return [TensorType(.int64, output)]
  }

  /// Two operations for each input element.
  public func cost(_ signature: Signature) -> Cost { .reduction(signature, flopsPerElement: 2) }

  /// Every kept axis longer than 1.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits(minimum: 16)
  }

  /// The kept axes of the region, the axis whole.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let shape = signature.inputs[0].shape
    return region.beforeReduction(of: shape, over: axes(of: shape), keepDimensions: keepDimensions)
  }

  /// A search in C.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    try VectorKernels.reduction(
      extreme.rawValue, operator: name, axes: axes(of: signature.inputs[0].shape),
      keepDimensions: keepDimensions, divisor: 1, signature, region: region)
  }
}
