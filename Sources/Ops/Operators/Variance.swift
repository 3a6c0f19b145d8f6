/// The variance over some axes: Σ(x - mean)² / (n - correction) over the n elements that meet.
///
/// Shapes as ``Reduce``; f32 and f64, sums kept in f64. The mean is taken first and the distances from it second, so that
/// a large mean cancels nothing; the second pass reads elements just read. Where n ≤ correction the divisor is 0, which
/// gives NaN, or ∞ where the elements differ. A NaN gives NaN.
public struct Variance: AxisReduction, Hashable {
  /// The axes that are reduced, ascending.
  public let axes: [Int]

  /// Whether the reduced axes stay with length 1.
  public let keepDimensions: Bool

  /// What is taken off the number of elements: 0 for the variance of these numbers, 1 for an unbiased estimate of that
  /// of the numbers from which they were drawn.
  public let correction: Int

  /// A variance over the given axes.
  public init(axes: [Int], keepDimensions: Bool = false, correction: Int = 0) {
    self.axes = axes.sorted()
    self.keepDimensions = keepDimensions
    self.correction = correction
  }

  /// `var`.
  public var name: String { "var" }

  /// The axes, whether they stay, and the correction.
  public var attributes: [Attribute] {
    [
      Attribute("axes", axes), Attribute("keepdims", keepDimensions), Attribute("correction", correction),
    ]
  }

  /// The input's element type and its shape without the axes.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expectFloatingPoint(inputs[0])
    try expectAxes(axes, of: inputs[0].shape)
    guard correction >= 0 else {
      throw ShapeError(.attribute, "var: the correction is \(correction); it must not be negative")
    }
    return [TensorType(inputs[0].dtype, inputs[0].shape.reduced(over: axes, keepDimensions: keepDimensions))]
  }

  /// Four operations for each input element.
  public func cost(_ signature: Signature) -> Cost { .reduction(signature, flopsPerElement: 4) }

  /// What the sum of squares is divided by, for an input of a shape.
  public func divisor(for shape: Shape) -> Double {
    max(0, axes.reduce(1) { $0 * Double(shape[$1]) } - Double(correction))
  }

  /// A reduction in C.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    try VectorKernels.reduction(
      "variance", operator: name, axes: axes, keepDimensions: keepDimensions,
      divisor: divisor(for: signature.inputs[0].shape), signature, region: region)
  }
}
