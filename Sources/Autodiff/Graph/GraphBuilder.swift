internal import Synchronization
internal import TributaryOps

/// Builds a graph of tensor operators: declarations, functions of values, derivatives, and at last a ``Graph``.
///
/// ```swift
/// let g = GraphBuilder()
/// let x = g.input("x", [32, 784])
/// let w = g.parameter("w", [784, 10], initial: .glorotUniform)
/// let y = matmul(x, w)
/// ```
///
/// Functions of values cannot throw: a mistake is recorded with its operator, shapes, name scope and source line, its
/// result is poisoned, and freezing the graph throws one ``GraphError`` that lists every mistake. A builder may be used
/// from several threads at once; every call is atomic and blocks others only briefly. Adding a node takes amortised
/// constant time.
public final class GraphBuilder: Sendable {
  let contents = Mutex(Contents())

  /// What has been built so far.
  struct Contents {
    var nodes: [Node] = []
    var states: [StateDescriptor] = []
    /// The node of each state, by its index.
    var stateNodes: [Int] = []
    /// The declared names of inputs and states.
    var names: Set<String> = []
    /// Assignments made by `assign`.
    var assignments: [(state: OwnValue, value: OwnValue)] = []
    var issues: [GraphError.Issue] = []
    var poisonedCount = 0
    /// Values of the builders around this one that are used here, and what stands for them, in order of first use.
    var captures: [(outer: Value, inner: OwnValue)] = []
    /// The number of the step in a loop body, once it was asked for.
    var stepNumber: OwnValue?
    /// What random operators take for the step, once one was made: the state that counts steps, or, in a loop body, a value of it.
    var randomStep: OwnValue?
    /// How many random operators have been given a stream.
    var randomStreams: UInt64 = 0
    /// The innermost `recompute` around a node, for nodes that are in one.
    var regions: [Int: RecomputedRegion] = [:]
  }

  /// The builder around this one, which builds a loop body or a branch.
  let enclosing: GraphBuilder?

  /// Whether this builder's nodes are run in steps.
  let isLoopBody: Bool

  /// An empty builder.
  public init() {
    enclosing = nil
    isLoopBody = false
  }

  /// A builder of a loop body or a branch.
  init(inside enclosing: GraphBuilder, isLoopBody: Bool) {
    self.enclosing = enclosing
    self.isLoopBody = isLoopBody
  }

  /// Gives the names of everything made in `body` the prefix `name/`. Scopes nest and belong to the current task.
  public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    var context = BuildContext.current
    context.path = context.qualified(name)
    return try BuildContext.$current.withValue(context, operation: body)
  }

  /// The trainable parameters declared so far, in order of declaration.
  public var parameters: [Value] { stateValues { $0.isParameter } }

  /// All states declared so far, parameters included, in order of declaration.
  public var states: [Value] { stateValues { _ in true } }

  /// The mistakes recorded so far.
  public var issues: [GraphError.Issue] { contents.withLock { $0.issues } }

  /// The number of nodes made so far.
  public var nodeCount: Int { contents.withLock { $0.nodes.count } }

  /// The nodes made so far.
  var nodes: [Node] { contents.withLock { $0.nodes } }

  private func stateValues(where isWanted: (StateDescriptor) -> Bool) -> [Value] {
    let (states, nodes) = contents.withLock { ($0.states, $0.stateNodes) }
    return zip(states, nodes).filter { isWanted($0.0) }.map { state, node in
      Value(builder: self, id: ValueID(node: node), type: state.type)
    }
  }

  /// The name of a value's node; `invalid` for a poisoned value.
  func nodeName(of value: Value) -> String {
    value.isPoisoned ? "invalid" : contents.withLock { $0.nodes[value.id.node].name }
  }

  /// The parameters that a value depends on, in order of declaration.
  public func parameters(reaching values: [Value]) -> [Value] {
    let nodes = contents.withLock { $0.nodes }
    let roots = values.filter { $0.builder === self && !$0.isPoisoned }.map(\.id.node)
    let reached = Graph.ancestors(of: roots, in: nodes)
    return parameters.filter { reached[$0.id.node] }
  }
}

extension Graph {
  /// Which nodes the given nodes depend on, themselves included.
  static func ancestors(of roots: [Int], in nodes: [Node]) -> [Bool] {
    var reached = [Bool](repeating: false, count: nodes.count)
    for root in roots { reached[root] = true }
    for index in nodes.indices.reversed() where reached[index] {
      for input in nodes[index].inputs { reached[input.node] = true }
    }
    return reached
  }
}
