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
  ///   - checked: f32 or f64 values that must be finite for the step to assign anything: the graph gets a
  ///     `check_finite` of them, which passes keep.
  /// - Throws: `GraphError` listing every mistake made while building, and those of this call.
  public func graph(
    fetching fetches: [Value], updating update: Update? = nil, checkingFinite checked: [Value] = []
  ) throws(GraphError) -> Graph {
    let guardian = checked.isEmpty ? nil : emit(CheckFinite(), checked)
    let contents = contents.withLock {
      (nodes: $0.nodes, states: $0.states, assigned: entries($0.assignments), issues: $0.issues)
    }
    var issues = contents.issues
    let assignments = freeze(update.map { contents.assigned + $0.entries } ?? [], &issues)
    checkFetches(fetches, isUpdating: update != nil, pending: contents.assigned, &issues)
    guard issues.isEmpty else { throw GraphError(issues) }

    let assigned = Set(assignments.map(\.state))
    let frozen = fetches.map { fetch -> Fetch in
      if fetch.isAfterStep, case .state(let state) = contents.nodes[fetch.id.node].kind,
        assigned.contains(state)
      {
        return .stateAfter(state)
      }
      return .value(fetch.id)
    }
    let everything = Graph(
      nodes: contents.nodes, states: contents.states, fetches: frozen, assignments: assignments)
    return everything.pruned(keeping: guardian.map { [$0.id.node] } ?? [])
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
