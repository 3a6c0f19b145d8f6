internal import Synchronization
internal import TributaryOps

/// The nodes of a builder that can lie on a way from some values to others, at the moment of asking.
///
/// A node older than every start cannot depend on one, so that a walk from a late value takes time for what was built
/// since, and not for the whole graph.
struct NodeRange {
  /// The indices of the nodes in the builder.
  let range: Range<Int>

  private let nodes: [Node]

  /// The types of older values that the nodes read.
  private let olderTypes: [ValueID: TensorType]

  /// The nodes from the first of the starts to the last of the ends, both included.
  init(_ builder: GraphBuilder, from starts: [Value], to ends: [Value]) {
    let first = Swift.max(starts.map(\.id.node).min() ?? 0, 0)
    let end = Swift.max((ends.map(\.id.node).max() ?? -1) + 1, first)
    range = first..<end
    (nodes, olderTypes) = builder.contents.withLock { contents in
      let nodes = Array(contents.nodes[first..<end])
      var types: [ValueID: TensorType] = [:]
      for node in nodes {
        for input in node.inputs where input.node < first {
          types[input] = contents.nodes[input.node].outputs[input.output]
        }
      }
      return (nodes, types)
    }
  }

  /// The index of the first node.
  var first: Int { range.lowerBound }

  /// The number of nodes.
  var count: Int { nodes.count }

  /// A node of the range.
  subscript(index: Int) -> Node { nodes[index - first] }

  /// The type of a value of the range or of one that the range reads.
  func type(of id: ValueID) -> TensorType {
    if let older = olderTypes[id] { return older }
    return self[id.node].outputs[id.output]
  }
}

extension BuildContext {
  /// Where what is derived from a node is built: below a scope of its own in the node's scopes, at the node's line.
  init(deriving scope: String, of node: Node) {
    let slash = node.name.utf8.lastIndex(of: UInt8(ascii: "/"))
    self.init(
      path: slash.map { scope + "/" + node.name[..<$0] } ?? scope, source: node.source)
  }
}
