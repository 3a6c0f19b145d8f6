/// The comparisons. The raw value is the name of the operator and of its vector loop.
public enum Comparison: String, Sendable, Hashable, CaseIterable {
  case equal
  case notEqual = "not_equal"
  case less
  case lessEqual = "less_equal"
  case greater
  case greaterEqual = "greater_equal"
}

/// Whether x stands in a relation to y, element by element; the shapes are broadcast as in NumPy.
///
/// Two inputs of one element type, any; the output is bool. With a NaN only notEqual is true.
public struct Compare: ElementwiseOperator, Hashable {
  /// The relation.
  public let comparison: Comparison

  /// An operator that tests a relation.
  public init(_ comparison: Comparison) { self.comparison = comparison }

  /// The relation's name.
  public var name: String { comparison.rawValue }

  /// Bool of the broadcast shape.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    _ = try expectEqualTypes(inputs)
    return [TensorType(.bool, try broadcastShape(inputs))]
  }

  /// The relation's loop.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("compare." + comparison.rawValue, signature.inputs[0].dtype)
  }
}

/// The functions of truth values. The raw value is part of the name of the operator and of its vector loop.
public enum LogicalFunction: String, Sendable, Hashable, CaseIterable {
  case and, or, not, xor
}

/// A function of bool, element by element: two inputs for `and`, `or` and `xor`, broadcast as in NumPy, one for `not`.
public struct Logical: ElementwiseOperator, Hashable {
  /// The function.
  public let function: LogicalFunction

  /// An operator that applies a function.
  public init(_ function: LogicalFunction) { self.function = function }

  /// `logical_and`, `logical_or`, `logical_not`, `logical_xor`.
  public var name: String { "logical_" + function.rawValue }

  /// Bool of the broadcast shape.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: function == .not ? 1 : 2)
    for input in inputs { try expectBool(input) }
    return [TensorType(.bool, try broadcastShape(inputs))]
  }

  /// The function's loop.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("logical." + function.rawValue, .bool)
  }
}
