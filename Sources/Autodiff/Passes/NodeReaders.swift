/// Who reads the values of each node, in compressed rows.
struct NodeReaders {
  private var first: [Int]
  private var readers: [Int32]

  /// For each node, whether a fetch or an assignment takes a value of it.
  let isHandedOut: [Bool]

  /// For each node, whether an assignment takes a value of it.
  let isAssigned: [Bool]

  /// The readers in a graph. O(nodes).
  init(_ graph: Graph) {
    first = [Int](repeating: 0, count: graph.nodes.count + 1)
    for node in graph.nodes { for input in node.inputs { first[input.node + 1] += 1 } }
    for index in graph.nodes.indices { first[index + 1] += first[index] }
    var next = first
    readers = [Int32](repeating: 0, count: first[graph.nodes.count])
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs {
        readers[next[input.node]] = Int32(index)
        next[input.node] += 1
      }
    }
    var assigned = [Bool](repeating: false, count: graph.nodes.count)
    for assignment in graph.assignments { assigned[assignment.value.node] = true }
    isAssigned = assigned
    for case .value(let id) in graph.fetches { assigned[id.node] = true }
    isHandedOut = assigned
  }

  /// The nodes that read a node, in ascending order, once for every input.
  subscript(node: Int) -> ArraySlice<Int32> { readers[first[node]..<first[node + 1]] }

  /// The nodes that read a node, in ascending order; nil where a fetch or an assignment needs it too.
  func all(of node: Int) -> [Int]? { isHandedOut[node] ? nil : self[node].map { Int($0) } }

  /// The node that alone reads a node, once, with nothing else that needs it.
  func only(of node: Int) -> Int? {
    self[node].count == 1 && !isHandedOut[node] ? self[node].first.map { Int($0) } : nil
  }
}
