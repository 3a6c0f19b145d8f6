public import TributaryOps

/// One node of a ``Graph``.
///
/// A node is a reference to parts that never change, so that copying it from graph to graph, as every pass does, counts one
/// reference. Setting a part makes new ones, in constant time.
public struct Node: Sendable {
  /// What a node is.
  public enum Kind: Sendable {
    /// A value fed by the caller, by its name.
    case input(String)
    /// The value of a state before the step, by its index in ``Graph/states``.
    case state(Int)
    /// A value known when the graph is built.
    case constant(Tensor)
    /// An operator applied to the inputs.
    case apply(any Operator)
  }

  /// What the nodes that were copied from one another have in common.
  private final class Parts: Sendable {
    let kind: Kind
    let inputs: [ValueID]
    let outputs: [TensorType]
    let name: String
    let source: String

    init(_ kind: Kind, _ inputs: [ValueID], _ outputs: [TensorType], _ name: String, _ source: String) {
      self.kind = kind
      self.inputs = inputs
      self.outputs = outputs
      self.name = name
      self.source = source
    }
  }

  private var parts: Parts

  /// A node from its parts.
  public init(kind: Kind, inputs: [ValueID], outputs: [TensorType], name: String, source: String) {
    parts = Parts(kind, inputs, outputs, name, source)
  }

  /// What the node is.
  public var kind: Kind {
    get { parts.kind }
    set { parts = Parts(newValue, parts.inputs, parts.outputs, parts.name, parts.source) }
  }

  /// The values read, in the operator's order; empty for inputs, states and constants.
  public var inputs: [ValueID] {
    get { parts.inputs }
    set { parts = Parts(parts.kind, newValue, parts.outputs, parts.name, parts.source) }
  }

  /// The types of the outputs.
  public var outputs: [TensorType] {
    get { parts.outputs }
    set { parts = Parts(parts.kind, parts.inputs, newValue, parts.name, parts.source) }
  }

  /// The name scope and name, `tower/layer1/matmul`, for plans, traces and errors.
  public var name: String { parts.name }

  /// Another name in the scopes of this one.
  func sibling(_ other: String) -> String {
    guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { return other }
    return String(name[...slash]) + other
  }

  /// The source line that made the node: `file.swift:12`.
  public var source: String { parts.source }

  /// The operator, when the node applies one.
  public var appliedOperator: (any Operator)? {
    if case .apply(let applied) = parts.kind { applied } else { nil }
  }

  /// Whether the node applies an operator of a type; cheaper than a cast.
  func applies(_ type: any Operator.Type) -> Bool {
    if case .apply(let applied) = parts.kind { Swift.type(of: applied) == type } else { false }
  }
}
