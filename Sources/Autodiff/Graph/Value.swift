public import TributaryOps

/// A symbol for a tensor in the graph of a ``GraphBuilder``: it has a type now and numbers when the graph runs.
///
/// Values are made by the builder's declarations and by functions and operators of other values. Feeds, fetches and
/// gradients are keyed by them. A value that could not be made, because shapes did not fit, is *poisoned*: the mistake
/// is recorded in the builder, and whatever is computed from the value is poisoned silently, so that each mistake is
/// reported once.
public struct Value: Hashable, Sendable {
  /// The builder that made the value.
  public let builder: GraphBuilder

  /// The node and output in the builder; negative nodes are poisoned.
  let id: ValueID

  /// The element type and shape; for a poisoned value a placeholder with eight axes of length 1.
  public let type: TensorType

  /// Whether this names a state's value after the step.
  public let isAfterStep: Bool

  init(builder: GraphBuilder, id: ValueID, type: TensorType, isAfterStep: Bool = false) {
    self.builder = builder
    self.id = id
    self.type = type
    self.isAfterStep = isAfterStep
  }

  /// The type that a poisoned value shows, chosen so that asking it for the length of any axis is harmless.
  static let poisonedType = TensorType(.float32, Shape([1, 1, 1, 1, 1, 1, 1, 1]))

  /// The element type.
  public var dtype: DType { type.dtype }

  /// The lengths of the axes.
  public var shape: Shape { type.shape }

  /// The number of axes.
  public var rank: Int { type.shape.rank }

  /// Whether the value stands for a mistake that the builder has recorded.
  public var isPoisoned: Bool { id.node < 0 }

  /// The value that a state has after the step, for fetching. It cannot be computed with; fetching it from anything
  /// but a state is an error of `compile`.
  public var afterStep: Value { Value(builder: builder, id: id, type: type, isAfterStep: true) }

  /// The name of the node with its scopes: `tower/layer1/matmul`, or the declared name of an input or a state.
  public var name: String { builder.nodeName(of: self) }

  /// The same value of the same builder at the same moment.
  public static func == (a: Value, b: Value) -> Bool {
    a.id == b.id && a.isAfterStep == b.isAfterStep && a.builder === b.builder
  }

  /// Hashes the builder's identity and the value's place in it.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(builder))
    hasher.combine(id)
    hasher.combine(isAfterStep)
  }
}

extension Value: CustomStringConvertible {
  /// `layer1/matmul: f32[128, 256]`.
  public var description: String { "\(name): \(type)" }
}
