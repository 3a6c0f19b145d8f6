/// The edges of a graph as compressed sparse rows: the successors of each task, ascending, each once.
struct CompressedRows {
  /// The row of task t is `targets[begins[t]..<begins[t + 1]]`.
  private(set) var begins: [UInt32]
  private(set) var targets: [UInt32]
  /// How many tasks precede each task.
  private(set) var dependencies: [Int32]

  /// Sorts edges between `count` tasks and merges equal ones: two counting sorts, first by target, then, stably, by
  /// source.
  ///
  /// - Complexity: O(edges + count).
  init(edges: [TaskGraphBuilder.Edge], count: Int) {
    let byTarget = CompressedRows.sorted(edges, count) { $0.to }
    let bySource = CompressedRows.sorted(byTarget, count) { $0.from }
    begins = [UInt32](repeating: 0, count: count + 1)
    dependencies = [Int32](repeating: 0, count: count)
    targets = []
    targets.reserveCapacity(edges.count)
    var previous: TaskGraphBuilder.Edge?
    for edge in bySource {
      if let previous, previous.from == edge.from, previous.to == edge.to { continue }
      targets.append(edge.to)
      begins[Int(edge.from) + 1] += 1
      dependencies[Int(edge.to)] += 1
      previous = edge
    }
    for task in 0..<count { begins[task + 1] += begins[task] }
  }

  private static func sorted(
    _ edges: [TaskGraphBuilder.Edge], _ count: Int, by key: (TaskGraphBuilder.Edge) -> UInt32
  ) -> [TaskGraphBuilder.Edge] {
    var starts = [Int](repeating: 0, count: count + 1)
    var isSorted = true
    var last: UInt32 = 0
    for edge in edges {
      starts[Int(key(edge)) + 1] += 1
      isSorted = isSorted && last <= key(edge)
      last = key(edge)
    }
    if isSorted { return edges }
    for task in 0..<count { starts[task + 1] += starts[task] }
    return [TaskGraphBuilder.Edge](unsafeUninitializedCapacity: edges.count) { buffer, filled in
      for edge in edges {
        let position = starts[Int(key(edge))]
        starts[Int(key(edge))] = position + 1
        buffer.initializeElement(at: position, to: edge)
      }
      filled = edges.count
    }
  }

  /// Where an edge is in `targets`. It must be there.
  ///
  /// - Complexity: O(log of the row's length).
  func position(of edge: TaskGraphBuilder.Edge) -> Int {
    var low = Int(begins[Int(edge.from)])
    var high = Int(begins[Int(edge.from) + 1])
    while low < high {
      let middle = (low + high) / 2
      if targets[middle] < edge.to { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// An order in which every task comes after its predecessors (Kahn, 1962), or nil when there is a cycle.
  func topologicalOrder() -> [UInt32]? {
    let order = reachable().order
    return order.count == dependencies.count ? order : nil
  }

  private func reachable() -> (order: [UInt32], waiting: [Int32]) {
    var waiting = dependencies
    var order: [UInt32] = []
    order.reserveCapacity(waiting.count)
    for task in waiting.indices where waiting[task] == 0 { order.append(UInt32(task)) }
    var next = 0
    while next < order.count {
      let task = Int(order[next])
      next += 1
      for position in begins[task]..<begins[task + 1] {
        let successor = Int(targets[Int(position)])
        waiting[successor] -= 1
        if waiting[successor] == 0 { order.append(UInt32(successor)) }
      }
    }
    return (order, waiting)
  }

  /// The tasks of one cycle in order, the first repeated at the end. There must be one.
  ///
  /// Every task that Kahn's order cannot reach has such a predecessor; walking from predecessor to predecessor
  /// must come back.
  func cycle() -> [Int] {
    let waiting = reachable().waiting
    var predecessor = [Int](repeating: -1, count: waiting.count)
    for task in waiting.indices where waiting[task] > 0 {
      for position in begins[task]..<begins[task + 1] where waiting[Int(targets[Int(position)])] > 0 {
        predecessor[Int(targets[Int(position)])] = task
      }
    }
    guard var task = waiting.firstIndex(where: { $0 > 0 }) else { return [] }
    var seenAt = [Int: Int]()
    var path: [Int] = []
    while seenAt[task] == nil {
      seenAt[task] = path.count
      path.append(task)
      task = predecessor[task]
    }
    return [task] + path[(seenAt[task] ?? 0)...].reversed()
  }
}
