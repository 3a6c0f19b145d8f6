/// The ways to reduce truth values. The raw value is the name of the operator and of its loop.
public enum LogicalReduceFunction: String, Sendable, Hashable, CaseIterable {
  /// Whether at least one element is true; over nothing, false.
  case any
  /// Whether every element is true; over nothing, true.
  case all
}

/// Whether any or all elements over some axes are true. Bool in and out; shapes as ``Reduce``.
public struct LogicalReduce: AxisReduction, Hashable {
  /// What is computed.
  public let function: LogicalReduceFunction

  /// The axes that are reduced, ascending.
  public let axes: [Int]

  /// Whether the reduced axes stay with length 1.
  public let keepDimensions: Bool

  /// A reduction over the given axes; none at all leaves the values as they are.
  public init(_ function: LogicalReduceFunction, axes: [Int], keepDimensions: Bool = false) {
    self.function = function
    self.axes = axes.sorted()
    self.keepDimensions = keepDimensions
  }

  /// `any` or `all`.
  public var name: String { function.rawValue }

  /// Bool of the input's shape without the axes.
  /// - Throws: `ShapeError` when the input is not bool, or has no such axes.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expectBool(inputs[0])
    try expectAxes(axes, of: inputs[0].shape)
    return [TensorType(.bool, inputs[0].shape.reduced(over: axes, keepDimensions: keepDimensions))]
  }

  /// One operation for each input element.
  public func cost(_ signature: Signature) -> Cost { .reduction(signature, flopsPerElement: 1) }

  /// Every kept axis longer than 1.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits(minimum: 64, multiple: 64)
  }

  /// A reduction in C.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    try VectorKernels.reduction(
      function.rawValue, operator: name, axes: axes, keepDimensions: keepDimensions, divisor: 1, signature,
      region: region)
  }
}
