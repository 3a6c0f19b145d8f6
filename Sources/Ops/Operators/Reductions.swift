/// The ways to reduce.
public enum ReduceFunction: String, Sendable, Hashable, CaseIterable {
  case sum, mean, prod, max, min
}

/// The sum, mean, product, largest or least element over some axes.
///
/// Input any shape; output the same element type without the axes, or with length 1 there. f32 and f64; i32 and i64
/// except for mean. Sums and products of f32 are kept in f64 and rounded once. A NaN gives NaN. The order in which
/// elements meet depends on the input's shape and the axes alone. Over no elements a sum is 0, a product 1 and a mean NaN.
public struct Reduce: AxisReduction, Hashable {
  /// What is computed.
  public let function: ReduceFunction

  /// The axes that are reduced, ascending.
  public let axes: [Int]

  /// Whether the reduced axes stay with length 1.
  public let keepDimensions: Bool

  /// A reduction over the given axes; none at all leaves the values as they are.
  public init(_ function: ReduceFunction, axes: [Int], keepDimensions: Bool = false) {
    self.function = function
    self.axes = axes.sorted()
    self.keepDimensions = keepDimensions
  }

  /// The function's name.
  public var name: String { function.rawValue }

  /// The input's element type and its shape without the axes.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    if function == .mean { try expectFloatingPoint(inputs[0]) } else { try expectNumbers(inputs[0]) }
    try expectAxes(axes, of: inputs[0].shape)
    let output = inputs[0].shape.reduced(over: axes, keepDimensions: keepDimensions)
    if function == .max || function == .min, let empty = axes.first(where: { inputs[0].shape[$0] == 0 }) {
      guard output.elementCount == 0 else {
        throw ShapeError(
          .dimension,
          "\(name) over axis \(empty) of \(inputs[0]), which has no elements, has no value; give at least one"
        )
      }
    }
    return [TensorType(inputs[0].dtype, output)]
  }

  /// One operation for each input element.
  public func cost(_ signature: Signature) -> Cost { .reduction(signature, flopsPerElement: 1) }

  /// A reduction in C.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let count = axes.reduce(1) { $0 * signature.inputs[0].shape[$1] }
    return try VectorKernels.reduction(
      function.rawValue, operator: name, axes: axes, keepDimensions: keepDimensions,
      divisor: function == .mean ? Double(count) : 1, signature, region: region)
  }
}

/// The root of the sum of squares over some axes. Shapes as ``Reduce``; f32 and f64. The squares of f32 are summed in
/// f64, so that they neither overflow nor vanish.
public struct Norm: AxisReduction, Hashable {
  /// The axes that are reduced, ascending.
  public let axes: [Int]

  /// Whether the reduced axes stay with length 1.
  public let keepDimensions: Bool

  /// A norm over the given axes.
  public init(axes: [Int], keepDimensions: Bool = false) {
    self.axes = axes.sorted()
    self.keepDimensions = keepDimensions
  }

  /// `norm`.
  public var name: String { "norm" }

  /// The input's element type and its shape without the axes.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expectFloatingPoint(inputs[0])
    try expectAxes(axes, of: inputs[0].shape)
    return [TensorType(inputs[0].dtype, inputs[0].shape.reduced(over: axes, keepDimensions: keepDimensions))]
  }

  /// Two operations for each input element.
  public func cost(_ signature: Signature) -> Cost { .reduction(signature, flopsPerElement: 2) }

  /// A reduction in C.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    try VectorKernels.reduction(
      "norm", operator: name, axes: axes, keepDimensions: keepDimensions, divisor: 1, signature,
      region: region)
  }
}

/// An operator with one input and one output that makes one element of all those along some axes.
public protocol AxisReduction: Operator {
  /// The axes that are reduced, ascending.
  var axes: [Int] { get }

  /// Whether the reduced axes stay with length 1.
  var keepDimensions: Bool { get }
}

extension AxisReduction {
  /// The axes and whether they stay.
  public var attributes: [Attribute] { [Attribute("axes", axes), Attribute("keepdims", keepDimensions)] }

  /// Every kept axis longer than 1.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits(minimum: 16)
  }

  /// The kept axes of the region, the reduced axes whole.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    region.beforeReduction(of: signature.inputs[0].shape, over: axes, keepDimensions: keepDimensions)
  }
}

extension Cost {
  /// The cost of reading every input element once, with so many operations for each.
  static func reduction(_ signature: Signature, flopsPerElement: Double) -> Cost {
    Cost(
      flops: flopsPerElement * Double(signature.inputs[0].elementCount),
      bytesRead: Double(signature.inputs[0].byteCount), bytesWritten: Double(signature.outputs[0].byteCount))
  }
}

extension Shape {
  /// This shape without some axes, or with length 1 there.
  public func reduced(over axes: [Int], keepDimensions: Bool) -> Shape {
    Shape(
      indices.compactMap { axis in
        axes.contains(axis) ? (keepDimensions ? 1 : nil) : self[axis]
      })
  }
}

extension Region {
  /// The region of a tensor of the given shape whose reduction gives this region.
  public func beforeReduction(of shape: Shape, over axes: [Int], keepDimensions: Bool) -> Region {
    var result = Region(whole: shape)
    var outputAxis = 0
    for axis in shape.indices {
      let isReduced = axes.contains(axis)
      if !isReduced { result[axis] = self[outputAxis] }
      if !isReduced || keepDimensions { outputAxis += 1 }
    }
    return result
  }
}
