public import TributaryOps

/// A frozen graph in single-assignment form: nodes in topological order, what to fetch and which states to assign.
///
/// A graph builder makes it, passes rewrite it, and a plan is made from it. A value is named by its node and output.
public struct Graph: Sendable {
  /// The nodes; every input of a node names an earlier node.
  public var nodes: [Node]

  /// The states that the graph reads or assigns, indexed by ``Node/Kind/state(_:)`` and ``assignments``.
  public var states: [StateDescriptor]

  /// The values that a run hands back, in the caller's order.
  public var fetches: [Fetch]

  /// The new values of states, each state at most once; every reader of the old value runs before.
  public var assignments: [Assignment]

  /// A graph from its parts.
  public init(nodes: [Node], states: [StateDescriptor], fetches: [Fetch], assignments: [Assignment]) {
    self.nodes = nodes
    self.states = states
    self.fetches = fetches
    self.assignments = assignments
  }

  /// The type of a value.
  public func type(of value: ValueID) -> TensorType { nodes[value.node].outputs[value.output] }

  /// The types at a node.
  public func signature(of node: Node) -> Signature {
    Signature(inputs: node.inputs.map { type(of: $0) }, outputs: node.outputs)
  }
}

/// The name of a value inside one ``Graph``: a node's index and which of its outputs.
public struct ValueID: Hashable, Sendable, Comparable {
  /// The node's index.
  public var node: Int

  /// Which output of the node.
  public var output: Int

  /// A name from its parts.
  public init(node: Int, output: Int = 0) {
    self.node = node
    self.output = output
  }

  /// By node, then by output.
  public static func < (a: ValueID, b: ValueID) -> Bool { (a.node, a.output) < (b.node, b.output) }
}

/// A state: bytes that live in a parameter store between runs.
public struct StateDescriptor: Sendable, Hashable {
  /// The name, unique within a graph; a store finds its bytes by it.
  public var name: String

  /// The type.
  public var type: TensorType

  /// How a new store fills it.
  public var initial: Initializer

  /// Whether it is a trainable parameter, rather than an optimiser's moment, a counter or a statistic.
  public var isParameter: Bool

  /// A descriptor from its parts.
  public init(name: String, type: TensorType, initial: Initializer, isParameter: Bool) {
    self.name = name
    self.type = type
    self.initial = initial
    self.isParameter = isParameter
  }
}

/// A value that a run hands back.
public enum Fetch: Hashable, Sendable {
  /// A value of the graph; for a state's node, its value before the step.
  case value(ValueID)
  /// The value of a state after the step, by its index in ``Graph/states``.
  case stateAfter(Int)
}

/// A state and its new value.
public struct Assignment: Hashable, Sendable {
  /// The state's index in ``Graph/states``.
  public var state: Int

  /// The new value.
  public var value: ValueID

  /// An assignment from its parts.
  public init(state: Int, value: ValueID) {
    self.state = state
    self.value = value
  }
}
