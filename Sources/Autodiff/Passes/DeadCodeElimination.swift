internal import TributaryOps

/// Takes out nodes that no fetch and no assignment depends on, and states that are then neither read nor assigned nor
/// fetched. A `check_finite` stays: it guards the assignments.
public struct DeadCodeElimination: Pass {
  /// The pass.
  public init() {}

  /// `dead-code`.
  public var name: String { "dead-code" }

  /// The graph without the nodes that nothing needs.
  public func run(_ graph: Graph) -> Graph {
    graph.pruned(keeping: graph.nodes.indices.filter { graph.nodes[$0].guardsAssignments })
  }
}

extension Node {
  /// Whether the node is a `check_finite`, which nothing reads and which stays.
  var guardsAssignments: Bool { applies(CheckFinite.self) }
}

extension Graph {
  /// The graph of the nodes that its fetches, its assignments or the `kept` nodes depend on, and of the states that it
  /// then reads, assigns or fetches; both in their order.
  func pruned(keeping kept: [Int]) -> Graph {
    var roots = kept + assignments.map(\.value.node)
    var usedStates = Set(assignments.map(\.state))
    for fetch in fetches {
      switch fetch {
      case .value(let value): roots.append(value.node)
      case .stateAfter(let state): usedStates.insert(state)
      }
    }
    let reached = Graph.ancestors(of: roots, in: nodes)
    for index in nodes.indices where reached[index] {
      if case .state(let state) = nodes[index].kind { usedStates.insert(state) }
    }
    if usedStates.count == states.count, reached.allSatisfy({ $0 }) { return self }
    let stateOrder = usedStates.sorted()
    var newState = [Int](repeating: -1, count: states.count)
    for (position, state) in stateOrder.enumerated() { newState[state] = position }

    var newNode = [Int](repeating: -1, count: nodes.count)
    var result: [Node] = []
    result.reserveCapacity(nodes.count)
    for index in nodes.indices where reached[index] {
      var node = nodes[index]
      if node.inputs.contains(where: { newNode[$0.node] != $0.node }) {
        node.inputs = node.inputs.map { ValueID(node: newNode[$0.node], output: $0.output) }
      }
      if case .state(let state) = node.kind { node.kind = .state(newState[state]) }
      newNode[index] = result.count
      result.append(node)
    }
    func moved(_ id: ValueID) -> ValueID { ValueID(node: newNode[id.node], output: id.output) }
    return Graph(
      nodes: result, states: stateOrder.map { states[$0] },
      fetches: fetches.map { fetch in
        switch fetch {
        case .value(let value): .value(moved(value))
        case .stateAfter(let state): .stateAfter(newState[state])
        }
      },
      assignments: assignments.map { Assignment(state: newState[$0.state], value: moved($0.value)) })
  }
}
