internal import TributaryOps

extension Graph {
  /// The graph in Graphviz's DOT language: nodes with their operators and types, an edge for every operand, scopes as
  /// clusters of one level. Render it with `dot -Tsvg`.
  public var dot: String {
    var lines = [
      "digraph graph_of_operators {", "  rankdir=TB;", "  node [shape=box, fontname=\"Helvetica\"];",
    ]
    var clusters: [(scope: String, nodes: [Int])] = []
    var clusterIndex: [String: Int] = [:]
    for index in nodes.indices {
      let scope = nodes[index].name.split(separator: "/").dropLast().joined(separator: "/")
      if let known = clusterIndex[scope] {
        clusters[known].nodes.append(index)
      } else {
        clusterIndex[scope] = clusters.count
        clusters.append((scope, [index]))
      }
    }
    for (number, cluster) in clusters.enumerated() {
      let isScoped = !cluster.scope.isEmpty
      let indent = isScoped ? "    " : "  "
      if isScoped {
        lines.append("  subgraph cluster_\(number) {")
        lines.append("    label=\"\(escaped(cluster.scope))\";")
      }
      for index in cluster.nodes {
        lines.append("\(indent)n\(index) [label=\"\(escaped(label(index)))\"\(style(nodes[index]))];")
      }
      if isScoped { lines.append("  }") }
    }
    for (index, node) in nodes.enumerated() {
      for input in node.inputs { lines.append("  n\(input.node) -> n\(index);") }
    }
    for (index, fetch) in fetches.enumerated() {
      guard case .value(let value) = fetch else { continue }
      lines.append("  f\(index) [label=\"fetch \(index)\", shape=plaintext];")
      lines.append("  n\(value.node) -> f\(index);")
    }
    for assignment in assignments {
      lines.append(
        "  s\(assignment.state) [label=\"\(escaped(states[assignment.state].name)) after\", shape=cylinder];")
      lines.append("  n\(assignment.value.node) -> s\(assignment.state);")
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }

  private func label(_ index: Int) -> String {
    let node = nodes[index]
    let title =
      switch node.kind {
      case .input(let name): name
      case .state(let state): states[state].name
      case .constant(let tensor): tensor.summary
      case .apply(let applied): applied.name
      }
    return "%\(index) \(title)\n" + node.outputs.map(\.description).joined(separator: ", ")
  }

  private func style(_ node: Node) -> String {
    switch node.kind {
    case .input: ", shape=ellipse"
    case .state: ", shape=cylinder"
    case .constant: ", shape=plaintext"
    case .apply: ""
    }
  }

  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
