internal import TributaryOps

/// What stands for a group of nodes.
struct JoinedNode {
  /// The operator.
  let applied: any Operator

  /// What it reads, in the old graph.
  let inputs: [ValueID]

  /// The values of the old graph that its outputs are.
  let outputs: [ValueID]
}

extension Graph {
  /// The graph with each group of nodes as one node, which stands where the group's last member stood.
  ///
  /// Whatever else reads a member must come after the last one. O(nodes).
  /// - Parameters:
  ///   - groups: Members in ascending order.
  ///   - join: What stands for a group.
  func joining(_ groups: [[Int]], _ join: ([Int]) -> JoinedNode) -> Graph {
    guard !groups.isEmpty else { return self }
    var group = [Int](repeating: -1, count: nodes.count)
    for (index, members) in groups.enumerated() { for member in members { group[member] = index } }
    var firstOutput: [Int] = []
    firstOutput.reserveCapacity(nodes.count)
    var count = 0
    for node in nodes {
      firstOutput.append(count)
      count += node.outputs.count
    }
    var place = [ValueID](repeating: ValueID(node: -1), count: count)
    func moved(_ id: ValueID) -> ValueID { place[firstOutput[id.node] + id.output] }

    var result = self
    result.nodes = []
    result.nodes.reserveCapacity(nodes.count)
    for (index, node) in nodes.enumerated() {
      if group[index] < 0 {
        for output in node.outputs.indices {
          place[firstOutput[index] + output] = ValueID(node: result.nodes.count, output: output)
        }
        var kept = node
        kept.inputs = node.inputs.map(moved)
        result.nodes.append(kept)
        continue
      }
      let members = groups[group[index]]
      guard members[members.count - 1] == index else { continue }
      let joined = join(members)
      let inputs = joined.inputs.map(moved)
      for (output, id) in joined.outputs.enumerated() {
        place[firstOutput[id.node] + id.output] = ValueID(node: result.nodes.count, output: output)
      }
      result.nodes.append(
        Node(
          kind: .apply(joined.applied), inputs: inputs, outputs: joined.outputs.map { type(of: $0) },
          name: node.sibling(joined.applied.name), source: node.source))
    }
    result.fetches = fetches.map { fetch in
      if case .value(let id) = fetch { .value(moved(id)) } else { fetch }
    }
    result.assignments = assignments.map { Assignment(state: $0.state, value: moved($0.value)) }
    return result
  }
}
