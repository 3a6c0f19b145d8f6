internal import Synchronization

/// What costs say about a graph: work, critical path and priorities.
extension GraphTables {
  /// Computes all upward ranks: a task's own cost and the largest rank of its successors (rank_u of HEFT, Topcuoglu and
  /// others, 2002), in picoseconds, saturating.
  ///
  /// - Complexity: O(tasks + edges).
  func computeRanks() {
    var position = taskCount
    while position > 0 {
      position -= 1
      let task = Int(order[position])
      var below: UInt64 = 0
      var next = Int(records[task].successorsBegin)
      let end = Int(records[task].successorsEnd)
      while next < end {
        below = max(below, rank(successors[next] & ~GraphTables.soleBit))
        next += 1
      }
      let cost = costs[task].load(ordering: .relaxed)
      let (sum, overflow) = cost.addingReportingOverflow(below)
      ranks[task].store(overflow ? .max : sum, ordering: .relaxed)
    }
  }

  /// The sum of all costs, T₁, in picoseconds.
  func work() -> UInt64 {
    var sum: UInt64 = 0
    for task in 0..<taskCount {
      let (next, overflow) = sum.addingReportingOverflow(costs[task].load(ordering: .relaxed))
      sum = overflow ? .max : next
    }
    return sum
  }

  /// The largest rank, T∞, in picoseconds.
  func criticalPath() -> UInt64 {
    var longest: UInt64 = 0
    for task in 0..<taskCount { longest = max(longest, rank(UInt32(task))) }
    return longest
  }

  /// The tasks of the path with the largest sum of given times.
  ///
  /// - Complexity: O(tasks + edges).
  func longestPath(_ time: (Int) -> Int64) -> Set<Int> {
    var below = [Int64](repeating: 0, count: taskCount)
    var next = [Int](repeating: -1, count: taskCount)
    var first = -1
    for position in stride(from: taskCount - 1, through: 0, by: -1) {
      let task = Int(order[position])
      for entry in Int(records[task].successorsBegin)..<Int(records[task].successorsEnd) {
        let successor = Int(successors[entry] & ~GraphTables.soleBit)
        if next[task] < 0 || below[successor] > below[next[task]] { next[task] = successor }
      }
      below[task] = time(task) + (next[task] < 0 ? 0 : below[next[task]])
      if first < 0 || below[task] > below[first] { first = task }
    }
    var path: Set<Int> = []
    while first >= 0 {
      path.insert(first)
      first = next[first]
    }
    return path
  }

  /// Tasks by falling rank, equal ones by position.
  func byRank(_ tasks: [UInt32]) -> [UInt32] {
    let keyed = tasks.map { (rank: rank($0), task: $0) }
    let isSorted = zip(keyed, keyed.dropFirst()).allSatisfy { $0.rank >= $1.rank }
    if isSorted { return tasks }
    return keyed.sorted { ($1.rank, $0.task) < ($0.rank, $1.task) }.map(\.task)
  }
}
