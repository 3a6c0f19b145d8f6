/// Who reads the outputs of each node of a graph.
struct GraphReaders {
  /// The readers of all nodes, in compressed rows; a node that reads twice is there twice.
  private var readers: [Int32]
  private var first: [Int]
  private var isKept: [Bool]

  /// Collects them. O(nodes and inputs).
  init(_ graph: Graph) {
    first = Array(repeating: 0, count: graph.nodes.count + 1)
    for node in graph.nodes { for input in node.inputs { first[input.node + 1] += 1 } }
    for index in graph.nodes.indices { first[index + 1] += first[index] }
    readers = Array(repeating: 0, count: first[graph.nodes.count])
    var next = first
    for index in graph.nodes.indices {
      for input in graph.nodes[index].inputs {
        readers[next[input.node]] = Int32(index)
        next[input.node] += 1
      }
    }
    isKept = Array(repeating: false, count: graph.nodes.count)
    for fetch in graph.fetches { if case .value(let id) = fetch { isKept[id.node] = true } }
    for assignment in graph.assignments { isKept[assignment.value.node] = true }
  }

  /// The nodes that read a node, in order; nil where a fetch or an assignment needs it too.
  func all(of node: Int) -> [Int]? {
    isKept[node] ? nil : readers[first[node]..<first[node + 1]].map { Int($0) }
  }

  /// The node that alone reads a node, once, with nothing else that needs it.
  func only(of node: Int) -> Int? {
    first[node + 1] - first[node] == 1 && !isKept[node] ? Int(readers[first[node]]) : nil
  }
}
