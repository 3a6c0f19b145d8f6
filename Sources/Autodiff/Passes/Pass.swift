internal import TributaryOps

/// A rewriting of a graph that computes the same values, bit for bit, with less work.
///
/// Fetches keep their order, and every state keeps its assignment.
public protocol Pass: Sendable {
  /// The name, for reports.
  var name: String { get }

  /// The rewritten graph.
  func run(_ graph: Graph) -> Graph
}

extension Graph {
  /// The graph after identities, constant folding, identities of what was folded, common subexpressions, dead code
  /// elimination, and outputs that nothing reads; passes that are not selected are left out.
  ///
  /// Takes time linear in the nodes.
  public func simplified(by selection: PassSelection = .all) -> Graph {
    let passes: [any Pass] = [
      IdentityElimination(), ConstantFolding(), IdentityElimination(), CommonSubexpressions(),
      DeadCodeElimination(), OutputTrimming(),
    ]
    return passes.filter { selection.contains($0) }.reduce(self) { graph, pass in pass.run(graph) }
  }
}

/// A graph under rewriting, node by node in topological order: values of the old graph are mapped to values of the new.
struct GraphRewriter {
  /// The nodes kept and made so far.
  private(set) var nodes: [Node] = []

  private let source: Graph
  private var replacement: [[ValueID]] = []

  init(_ source: Graph) {
    self.source = source
    nodes.reserveCapacity(source.nodes.count)
    replacement.reserveCapacity(source.nodes.count)
  }

  /// Walks the source's nodes. `body` gets each with its inputs mapped, and returns the values that stand for its
  /// outputs, or nil to keep the node.
  mutating func rewrite(_ body: (inout GraphRewriter, Node) -> [ValueID]?) -> Graph {
    for old in source.nodes {
      var node = old
      node.inputs = old.inputs.map { replacement[$0.node][$0.output] }
      replacement.append(body(&self, node) ?? append(node))
    }
    var result = source
    result.nodes = nodes
    result.fetches = source.fetches.map { fetch in
      if case .value(let id) = fetch { .value(replacement[id.node][id.output]) } else { fetch }
    }
    result.assignments = source.assignments.map {
      Assignment(state: $0.state, value: replacement[$0.value.node][$0.value.output])
    }
    return result
  }

  /// Adds a node; returns its outputs.
  mutating func append(_ node: Node) -> [ValueID] {
    nodes.append(node)
    return node.outputs.indices.map { ValueID(node: nodes.count - 1, output: $0) }
  }

  /// Adds an operator with one output in the place of `node`.
  mutating func append(
    _ applied: any Operator, _ inputs: [ValueID], _ output: TensorType, inPlaceOf node: Node
  ) -> ValueID {
    let scope = node.name.split(separator: "/").dropLast()
    let name = (scope.map(String.init) + [applied.name]).joined(separator: "/")
    return append(
      Node(kind: .apply(applied), inputs: inputs, outputs: [output], name: name, source: node.source))[0]
  }

  /// The type of a value of the new graph.
  func type(of id: ValueID) -> TensorType { nodes[id.node].outputs[id.output] }

  /// The operator that makes a value of the new graph, and what it reads.
  func maker(of id: ValueID) -> (applied: any Operator, inputs: [ValueID])? {
    nodes[id.node].appliedOperator.map { ($0, nodes[id.node].inputs) }
  }
}
