extension GraphBuilder {
  /// Freezes a graph, simplifies, plans and lowers it.
  ///
  /// ```swift
  /// let look = try g.compile(fetching: [q, d[w1]])
  /// let train = try g.compile(fetching: [q], updating: SGD(learningRate: 0.01).minimizing(q))
  /// ```
  ///
  /// The builder can go on and compile other graphs; executables that assign nothing, such as `look`, leave all states
  /// alone. Takes time linear in the nodes and in the tasks of the plan.
  /// - Parameters:
  ///   - fetches: What a run hands back; see ``graph(fetching:updating:checkingFinite:)``.
  ///   - update: New values of states; nil assigns nothing at all.
  ///   - options: Settings of the plan.
  /// - Throws: `GraphError` listing every mistake made while building; with code `plan` when the graph cannot be planned
  ///   within the options, or `TRIBUTARY_PASSES` names no pass.
  public func compile(
    fetching fetches: [Value], updating update: Update? = nil, options: CompileOptions = CompileOptions()
  ) throws(GraphError) -> Executable {
    let graph = try graph(fetching: fetches, updating: update, checkingFinite: options.checkFinite)
    let passes = if let chosen = options.passes { chosen } else { try PassSelection.fromEnvironment() }
    return try Executable(graph: graph.simplified(by: passes), fetching: fetches, options: options)
  }
}
