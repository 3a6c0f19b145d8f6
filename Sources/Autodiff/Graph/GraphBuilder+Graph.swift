internal import Synchronization
internal import TributaryOps

extension GraphBuilder {
  /// Freezes what is needed to compute some values and to update some states.
  ///
  /// The graph holds the nodes that a fetch or an assignment depends on, in order of construction, and the states that
  /// it reads, assigns or fetches, in order of declaration. Passes have not run yet. Takes time linear in the nodes
  /// built so far.
  /// - Parameters:
  ///   - fetches: What a run hands back, in this order; a value may occur twice. ``Value/afterStep`` of a state that
  ///     the step does not assign is the state's value.
  ///   - update: New values of states, in addition to those of ``assign(_:_:file:line:)``; nil assigns nothing at all.
  /// - Throws: `GraphError` listing every mistake made while building, and those of this call.
  public func graph(fetching fetches: [Value], updating update: Update? = nil) throws(GraphError) -> Graph {
    let contents = contents.withLock {
      (
        nodes: $0.nodes, states: $0.states, stateNodes: $0.stateNodes, assigned: $0.assignments,
        issues: $0.issues
      )
    }
    var issues = contents.issues
    let entries = update.map { contents.assigned + $0.entries } ?? []
    let assigned = freeze(entries, &issues)
    checkFetches(fetches, isUpdating: update != nil, pending: contents.assigned, &issues)
    guard issues.isEmpty else { throw GraphError(issues) }

    var roots = assigned.map(\.value.node)
    var usedStates = Set(assigned.map(\.state))
    for fetch in fetches {
      if fetch.isAfterStep, case .state(let state) = contents.nodes[fetch.id.node].kind,
        usedStates.contains(state)
      {
        continue
      }
      roots.append(fetch.id.node)
    }
    let reached = Graph.ancestors(of: roots, in: contents.nodes)
    for (state, node) in contents.stateNodes.enumerated() where reached[node] { usedStates.insert(state) }

    let stateOrder = usedStates.sorted()
    let newState = Dictionary(uniqueKeysWithValues: stateOrder.enumerated().map { ($1, $0) })
    var newNode = [Int](repeating: -1, count: contents.nodes.count)
    var nodes: [Node] = []
    for (index, old) in contents.nodes.enumerated() where reached[index] {
      var node = old
      node.inputs = old.inputs.map { ValueID(node: newNode[$0.node], output: $0.output) }
      if case .state(let state) = old.kind, let renumbered = newState[state] {
        node.kind = .state(renumbered)
      }
      newNode[index] = nodes.count
      nodes.append(node)
    }
    func renamed(_ id: ValueID) -> ValueID { ValueID(node: newNode[id.node], output: id.output) }
    let assignments = assigned.compactMap { entry in
      newState[entry.state].map { Assignment(state: $0, value: renamed(entry.value)) }
    }
    let changed = Set(assigned.map(\.state))
    let frozen = fetches.map { fetch -> Fetch in
      if fetch.isAfterStep, case .state(let state) = contents.nodes[fetch.id.node].kind,
        changed.contains(state),
        let index = newState[state]
      {
        return .stateAfter(index)
      }
      return .value(renamed(fetch.id))
    }
    return Graph(
      nodes: nodes, states: stateOrder.map { contents.states[$0] }, fetches: frozen, assignments: assignments)
  }

  /// The assignments by index, in order of the states' declaration; what is wrong goes to `issues`.
  private func freeze(_ entries: [Update.Entry], _ issues: inout [GraphError.Issue]) -> [Assignment] {
    var seen: Set<Int> = []
    var result: [Assignment] = []
    for entry in entries {
      let operands = [entry.state.type, entry.value.type]
      func issue(_ code: GraphError.Code, _ message: String) {
        issues.append(GraphError.Issue(code, subject: "update", message: message, operands: operands))
      }
      guard entry.state.builder === self, entry.value.builder === self else {
        issue(.foreignValue, "an update holds values of another GraphBuilder")
        continue
      }
      guard !entry.state.isPoisoned, !entry.value.isPoisoned else { continue }
      guard let state = stateIndex(of: entry.state) else {
        issue(
          .notState,
          "'\(entry.state.name)' is not a state; only values of parameter and state can be assigned")
        continue
      }
      guard !entry.value.isAfterStep else {
        issue(.afterStep, "'\(entry.value.name)' after the step cannot be assigned, only fetched")
        continue
      }
      guard entry.state.type == entry.value.type else {
        issue(
          entry.state.dtype == entry.value.dtype ? .shape : .dtype,
          "state '\(entry.state.name)' is \(entry.state.type) and its new value is \(entry.value.type)")
        continue
      }
      guard seen.insert(state).inserted else {
        issue(.assignedTwice, "state '\(entry.state.name)' is assigned twice; a step assigns a state once")
        continue
      }
      result.append(Assignment(state: state, value: entry.value.id))
    }
    return result.sorted { $0.state < $1.state }
  }

  private func checkFetches(
    _ fetches: [Value], isUpdating: Bool, pending: [Update.Entry], _ issues: inout [GraphError.Issue]
  ) {
    for fetch in fetches where !fetch.isPoisoned {
      func issue(_ code: GraphError.Code, _ message: String) {
        issues.append(GraphError.Issue(code, subject: "fetch", message: message, operands: [fetch.type]))
      }
      if fetch.builder !== self {
        issue(.foreignValue, "'\(fetch.name)' \(fetch.type) belongs to another GraphBuilder")
      } else if fetch.isAfterStep {
        if stateIndex(of: fetch) == nil {
          issue(
            .notState,
            "'\(fetch.name)' is not a state, so it has no value after the step; fetch it without afterStep")
        } else if !isUpdating, pending.contains(where: { $0.state.id == fetch.id }) {
          issue(
            .afterStep,
            "'\(fetch.name)' is assigned by assign(_:_:), but this graph updates nothing; pass updating: Update()"
          )
        }
      }
    }
    // A poisoned value of this builder has its cause among the recorded issues; one of another builder has not.
    for fetch in fetches where fetch.isPoisoned && fetch.builder !== self {
      issues.append(
        GraphError.Issue(
          .foreignValue, subject: "fetch", message: "a value of another GraphBuilder is fetched"))
    }
  }
}
