internal import TributaryOps

/// An operator whose last outputs cost something and can be left out.
protocol TrimmableOperator: Operator {
  /// The operator without outputs from a position on; nil when it would be no cheaper.
  func trimmed(toOutputs count: Int) -> (any Operator)?
}

/// Leaves out last outputs that nothing reads.
///
/// ```
/// %3, %4 = scan(…) {keeps_carried: true}     fetch %3
/// %3 = scan(…) {keeps_carried: false}        fetch %3
/// ```
public struct OutputTrimming: Pass {
  /// The pass.
  public init() {}

  /// `output-trimming`.
  public var name: String { "output-trimming" }

  /// The graph with shorter nodes.
  public func run(_ graph: Graph) -> Graph {
    var isTrimmable = OperatorTypeMemo { $0 is any TrimmableOperator }
    let trimmable = graph.nodes.indices.filter { index in
      if case .apply(let applied) = graph.nodes[index].kind { isTrimmable.holds(for: applied) } else { false }
    }
    guard !trimmable.isEmpty else { return graph }
    var used = [Int](repeating: 0, count: graph.nodes.count)
    func note(_ id: ValueID) { used[id.node] = max(used[id.node], id.output + 1) }
    for node in graph.nodes { node.inputs.forEach(note) }
    for fetch in graph.fetches { if case .value(let id) = fetch { note(id) } }
    for assignment in graph.assignments { note(assignment.value) }
    var result = graph
    for index in trimmable {
      guard let applied = graph.nodes[index].appliedOperator as? any TrimmableOperator,
        let trimmed = applied.trimmed(toOutputs: used[index])
      else { continue }
      result.nodes[index].kind = .apply(trimmed)
      let signature = graph.signature(of: graph.nodes[index])
      if let types = try? trimmed.outputTypes(for: signature.inputs) { result.nodes[index].outputs = types }
    }
    return result
  }
}
