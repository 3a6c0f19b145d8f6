internal import Synchronization
public import TributaryOps

/// An operator with a derivative.
///
/// The rule of an operator y = f(x₀, x₁, …) is its vector-Jacobian product: given the cotangents ∂L/∂y, it builds graph
/// operators for the cotangents ∂L/∂xᵢ and computes nothing. Rules that build differentiable operators give derivatives
/// of every order, and forward mode too: ``jvp(_:)`` follows from ``vjp(_:)``.
///
/// ```swift
/// extension Scale: DifferentiableOperator {
///   func vjp(_ context: VJPContext) -> [Value?] { [context.cotangent(0) * factor] }
/// }
/// ```
public protocol DifferentiableOperator: Operator {
  /// The cotangents of the inputs, one entry an input, each of the input's type.
  ///
  /// A nil entry says that the input has no derivative (an index, a mask) or a derivative of zero. Entries of inputs
  /// for which ``VJPContext/needs(_:)`` is false are not looked at.
  func vjp(_ context: VJPContext) -> [Value?]

  /// The tangents of the outputs, one entry an output, each of the output's type: Σᵢ ∂y/∂xᵢ · ẋᵢ.
  ///
  /// A nil entry says that the output has no derivative (an index, a mask) or a tangent of zero. By default the tangents
  /// are those of ``JVPContext/transposed(_:)``, which needs nothing but ``vjp(_:)``; write a rule where one is cheaper.
  func jvp(_ context: JVPContext) -> [Value?]
}

extension DifferentiableOperator {
  /// The rule that follows from ``vjp(_:)``.
  public func jvp(_ context: JVPContext) -> [Value?] { context.transposed(vjp) }
}

/// One use of an operator, as its derivative rule sees it.
public struct VJPContext: Sendable {
  /// The builder in which the rule builds.
  public let builder: GraphBuilder

  /// The operands.
  public let inputs: [Value]

  /// The results.
  public let outputs: [Value]

  /// The cotangents of the results; nil for a result that the differentiated values do not depend on. At least one is
  /// not nil.
  public let cotangents: [Value?]

  /// For which inputs a cotangent is wanted.
  public let isNeeded: [Bool]

  /// Whether somebody wants the cotangent of an input. Rules skip the work for others.
  public func needs(_ input: Int) -> Bool { isNeeded[input] }

  /// The cotangent of a result; explicit zeros where the differentiated values do not depend on it.
  public func cotangent(_ output: Int) -> Value {
    cotangents[output] ?? builder.zeros(outputs[output].type)
  }

  /// Applies an operator with one output.
  public func apply(_ applied: any Operator, _ inputs: Value...) -> Value { builder.emit(applied, inputs) }
}

extension VJPContext {
  /// The first cotangent.
  var dy: Value { cotangent(0) }

  /// The cotangents of the inputs, each made only when needed.
  func when(_ input: Int, _ make: () -> Value) -> Value? { needs(input) ? make() : nil }

  /// The sum of a cotangent over the axes along which an input was broadcast.
  func unbroadcast(_ cotangent: Value, to input: Int) -> Value {
    summed(cotangent, to: inputs[input].shape)
  }

  /// The number that an input is known to hold in every element; nil when it is computed or varies.
  func uniformConstant(_ input: Int) -> Double? { builder.uniformConstant(inputs[input]) }
}

/// A value summed over the axes along which `shape` would be broadcast to it.
func summed(_ x: Value, to shape: Shape) -> Value {
  guard x.shape != shape, !x.isPoisoned else { return x }
  let added = x.rank - shape.rank
  var axes = Array(0..<added)
  for axis in 0..<shape.rank where shape[axis] == 1 && x.shape[axis + added] != 1 {
    axes.append(axis + added)
  }
  let total = reduce(.sum, x, axes, axes.allSatisfy { $0 >= added })
  return reshaped(total, shape)
}

extension GraphBuilder {
  /// Zeros of a type.
  func zeros(_ type: TensorType) -> Value { emit(Fill(type: type, value: 0), []) }

  /// The number in every element of a small constant or of a fill; nil when a value is neither.
  func uniformConstant(_ value: Value) -> Double? {
    guard value.builder === self, !value.isPoisoned else { return nil }
    return contents.withLock { $0.nodes[value.id.node] }.uniformConstant
  }
}

extension Node {
  /// The number in every element of a constant of one element or of a fill; nil for others.
  var uniformConstant: Double? {
    switch kind {
    case .constant(let tensor): tensor.elementCount == 1 ? tensor.firstElement : nil
    case .apply(let applied): (applied as? Fill)?.value
    case .input, .state: nil
    }
  }
}

extension Tensor {
  /// The first element as a number; nil when there is none or it does not fit a `Double` exactly.
  var firstElement: Double? {
    guard elementCount > 0 else { return nil }
    return withUnsafeBytes { bytes -> Double? in
      switch dtype {
      case .float32: Double(bytes.load(as: Float.self))
      case .float64: bytes.load(as: Double.self)
      case .int32: Double(bytes.load(as: Int32.self))
      case .int64: Double(exactly: bytes.load(as: Int64.self))
      case .bool: bytes.load(as: UInt8.self) == 0 ? 0 : 1
      }
    }
  }
}
