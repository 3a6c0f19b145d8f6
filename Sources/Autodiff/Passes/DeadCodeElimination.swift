/// Takes out nodes that no fetch and no assignment depends on, and states that are then neither read nor assigned nor
/// fetched.
///
/// Operators have no effects besides their values; a ``CheckFinite`` whose result nobody reads goes too.
public struct DeadCodeElimination: Pass {
  /// The pass.
  public init() {}

  /// `dead-code`.
  public var name: String { "dead-code" }

  /// The graph without the nodes that nothing needs.
  public func run(_ graph: Graph) -> Graph {
    var roots = graph.assignments.map(\.value.node)
    var usedStates = Set(graph.assignments.map(\.state))
    for fetch in graph.fetches {
      switch fetch {
      case .value(let value): roots.append(value.node)
      case .stateAfter(let state): usedStates.insert(state)
      }
    }
    let reached = Graph.ancestors(of: roots, in: graph.nodes)
    for (index, node) in graph.nodes.enumerated() where reached[index] {
      if case .state(let state) = node.kind { usedStates.insert(state) }
    }
    let states = usedStates.sorted()
    let renumbered = Dictionary(uniqueKeysWithValues: states.enumerated().map { ($1, $0) })

    var newIndex = [Int](repeating: -1, count: graph.nodes.count)
    var nodes: [Node] = []
    for (index, old) in graph.nodes.enumerated() where reached[index] {
      var node = old
      node.inputs = old.inputs.map { ValueID(node: newIndex[$0.node], output: $0.output) }
      if case .state(let state) = old.kind { node.kind = .state(renumbered[state]!) }
      newIndex[index] = nodes.count
      nodes.append(node)
    }
    func moved(_ id: ValueID) -> ValueID { ValueID(node: newIndex[id.node], output: id.output) }
    return Graph(
      nodes: nodes, states: states.map { graph.states[$0] },
      fetches: graph.fetches.map { fetch in
        switch fetch {
        case .value(let value): .value(moved(value))
        case .stateAfter(let state): .stateAfter(renumbered[state]!)
        }
      },
      assignments: graph.assignments.map { Assignment(state: renumbered[$0.state]!, value: moved($0.value)) })
  }
}
