internal import Synchronization

extension TaskGraphBuilder {
  /// Builds the graph.
  ///
  /// - Throws: `SchedulerError` with code `tooManyTasks`, `unknownTask`, `selfEdge`, `invalidBranchCount`, `unknownBranch`, or
  ///   `cycle` with the names of the tasks on one.
  /// - Complexity: O(tasks + edges), and sorting the tasks without predecessors by rank.
  public consuming func build() throws(SchedulerError) -> TaskGraph {
    if let mistake { throw mistake }
    let count = bodies.count
    for edge in edges where Int(edge.from) >= count || Int(edge.to) >= count {
      throw SchedulerError(
        .unknownTask,
        "graph “\(name)” has an edge with task #\(max(edge.from, edge.to)), but only \(count) tasks: use the IDs that "
          + "its own add returned")
    }
    let rows = CompressedRows(edges: edges, count: count)
    guard let order = rows.topologicalOrder() else {
      let cycle = rows.cycle().map { "“\(label($0))”" }.joined(separator: " → ")
      throw SchedulerError(.cycle, "graph “\(name)” has a cycle: \(cycle); remove one of these edges")
    }
    return TaskGraph(name: name, names: names, naming: naming, tables: tables(rows, order))
  }

  private func tables(_ rows: CompressedRows, _ order: [UInt32]) -> GraphTables {
    let count = bodies.count
    let records = UnsafeMutablePointer<TaskRecord>.allocate(capacity: max(1, count))
    let costs = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: max(1, count))
    let ranks = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: max(1, count))
    for task in 0..<count {
      let cost = self.costs[task].picoseconds
      (records + task).initialize(
        to: TaskRecord(
          body: bodies[task].body, successorsBegin: rows.begins[task], successorsEnd: rows.begins[task + 1],
          dependencies: rows.dependencies[task],
          flags: Atomic(cost >= TaskRecord.heavyPicoseconds ? TaskRecord.heavy : 0)))
      (costs + task).initialize(to: Atomic(cost))
      (ranks + task).initialize(to: Atomic(0))
    }
    let successors = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, rows.targets.count))
    for (position, target) in rows.targets.enumerated() {
      let sole = rows.dependencies[Int(target)] == 1 ? GraphTables.soleBit : 0
      (successors + position).initialize(to: target | sole)
    }
    let orderTable = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, count))
    for (position, task) in order.enumerated() { (orderTable + position).initialize(to: task) }
    let roots = (0..<UInt32(count)).filter { rows.dependencies[Int($0)] == 0 }
    let rootTable = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, roots.count))
    let isChain = roots.count <= 1 && (0..<count).allSatisfy { rows.begins[$0 + 1] - rows.begins[$0] <= 1 }
    var extras: UnsafeMutablePointer<GraphExtras>?
    let branches = branchMasks(rows)
    if branches != nil || !limits.isEmpty {
      let memory = UnsafeMutablePointer<GraphExtras>.allocate(capacity: 1)
      memory.initialize(to: GraphExtras(branches: branches, limits: limits, taskCount: count))
      extras = memory
    }
    let tables = GraphTables(
      taskCount: count, edgeCount: rows.targets.count, rootCount: roots.count, records: records,
      successors: successors, roots: rootTable, order: orderTable, costs: costs, ranks: ranks,
      isChain: isChain, extras: extras)
    tables.computeRanks()
    for (position, root) in tables.byRank(roots).enumerated() {
      (rootTable + position).initialize(to: root)
    }
    return tables
  }
}
