internal import HeapModule

/// Units joined into tasks: small neighbours run as one task, one after the other.
///
/// The tasks of a graph of clusters must not wait for each other in a circle, so a cluster must be convex. Every
/// cluster has an earliest start, fixed when it is opened: the time at which its first unit could run with
/// any number of workers. A unit may join a cluster only if every other cluster that it waits for starts strictly
/// earlier (then an edge between clusters always leads from an earlier to a later start, and there is no circle) and
/// ends by the cluster's start, give or take `clusterSeconds` (then nothing in the cluster is held up that matters).
/// A unit tries the cluster of the predecessor that it would wait for longest, then the cluster last opened behind that
/// one, where siblings gather. A cluster takes small units until they amount to `2 · clusterSeconds`, so that what
/// parallel work is lost is shorter than the hand-over of a task. O(units + edges).
struct Clusters: Sendable {
  /// The cluster of each unit, in sequential order of the tasks.
  private(set) var task: [Int32]
  /// The units of each task in sequential order, in compressed rows.
  private(set) var firstUnit: [Int]
  /// The units of all tasks.
  private(set) var units: [Int32]
  /// The predecessors of each task, in compressed rows, each once.
  private(set) var firstPredecessor: [Int]
  /// The predecessors of all tasks.
  private(set) var predecessors: [Int32]
  /// Seconds of each task by the cost model.
  private(set) var seconds: [Double]

  /// The number of tasks.
  var count: Int { seconds.count }

  /// The units of a task.
  func units(of task: Int) -> ArraySlice<Int32> { units[firstUnit[task]..<firstUnit[task + 1]] }

  /// The predecessors of a task.
  func predecessors(of task: Int) -> ArraySlice<Int32> {
    predecessors[firstPredecessor[task]..<firstPredecessor[task + 1]]
  }

  /// A cluster while it is being filled.
  private struct Open {
    /// The earliest start, fixed.
    var start: Double
    /// The seconds of all units.
    var seconds: Double
    /// The seconds of the small units that joined.
    var joined: Double
    /// The cluster last opened behind this one.
    var child: Int = -1
    /// Whether units may join.
    var isGate: Bool
    /// The first unit.
    var first: Int
    /// The earliest end as things stand.
    var end: Double { start + seconds }
  }

  /// Joins the units of a graph.
  init(_ graph: UnitGraph, clusterSeconds: Double) {
    var open: [Open] = []
    var cluster = [Int32](repeating: -1, count: graph.count)
    var rootCluster = -1
    for unit in 0..<graph.count {
      let seconds = graph.seconds[unit]
      let isGate = graph.step[unit] < 0
      var critical = -1
      for predecessor in graph.predecessors(of: unit) {
        let other = Int(cluster[Int(predecessor)])
        if critical < 0 || open[other].end > open[critical].end { critical = other }
      }
      var chosen = -1
      if !isGate && seconds < clusterSeconds {
        let candidates = critical < 0 ? (rootCluster, -1) : (critical, open[critical].child)
        for candidate in [candidates.0, candidates.1] where candidate >= 0 && chosen < 0 {
          let it = open[candidate]
          guard !it.isGate, it.joined + seconds <= 2 * clusterSeconds else { continue }
          let fits = graph.predecessors(of: unit).allSatisfy { predecessor in
            let other = Int(cluster[Int(predecessor)])
            return other == candidate
              || (open[other].start < it.start && open[other].end <= it.start + clusterSeconds)
          }
          if fits { chosen = candidate }
        }
      }
      if chosen < 0 {
        chosen = open.count
        let small = seconds < clusterSeconds
        open.append(
          Open(
            start: critical < 0 ? 0 : open[critical].end, seconds: 0, joined: 0, isGate: isGate, first: unit))
        if critical >= 0 { open[critical].child = chosen } else if small { rootCluster = chosen }
      }
      // The gate takes no time, but it must end after it starts for the argument above.
      open[chosen].seconds += isGate ? 1e-9 : seconds
      if seconds < clusterSeconds { open[chosen].joined += seconds }
      cluster[unit] = Int32(chosen)
    }
    (task, firstUnit, units, firstPredecessor, predecessors, self.seconds) = Clusters.order(
      graph, cluster, open.map(\.first), open.map(\.seconds))
  }

  /// Numbers the clusters in a sequential order, the one with the earliest unit first wherever there is a choice.
  private static func order(
    _ graph: UnitGraph, _ cluster: [Int32], _ first: [Int], _ seconds: [Double]
  ) -> ([Int32], [Int], [Int32], [Int], [Int32], [Double]) {
    let count = first.count
    // Units and edges by cluster.
    let members = rows(count: count, of: cluster.lazy.map { Int($0) })
    var edges: [(from: Int32, to: Int32)] = []
    var stamp = [Int32](repeating: -1, count: count)
    var waiting = [Int32](repeating: 0, count: count)
    for to in 0..<count {
      for unit in members.items[members.first[to]..<members.first[to + 1]] {
        for predecessor in graph.predecessors(of: Int(unit)) {
          let from = cluster[Int(predecessor)]
          guard from != to, stamp[Int(from)] != to else { continue }
          stamp[Int(from)] = Int32(to)
          edges.append((from, Int32(to)))
          waiting[to] += 1
        }
      }
    }
    let successors = rows(count: count, of: edges.lazy.map { Int($0.from) })
    var ready = Heap(
      (0..<count).lazy.filter { waiting[$0] == 0 }.map { Ready(first: first[$0], cluster: Int32($0)) })
    var number = [Int32](repeating: -1, count: count)
    var order: [Int] = []
    order.reserveCapacity(count)
    while let next = ready.popMin() {
      number[Int(next.cluster)] = Int32(order.count)
      order.append(Int(next.cluster))
      let it = Int(next.cluster)
      for edge in successors.items[successors.first[it]..<successors.first[it + 1]] {
        let to = edges[Int(edge)].to
        waiting[Int(to)] -= 1
        if waiting[Int(to)] == 0 { ready.insert(Ready(first: first[Int(to)], cluster: to)) }
      }
    }
    precondition(order.count == count, "clusters wait for each other in a circle")
    let task = cluster.map { number[Int($0)] }
    let units = rows(count: count, of: task.lazy.map { Int($0) })
    let incoming = rows(count: count, of: edges.lazy.map { Int(number[Int($0.to)]) })
    return (
      task, units.first, units.items, incoming.first,
      incoming.items.map { number[Int(edges[Int($0)].from)] }, order.map { seconds[$0] }
    )
  }

  private struct Ready: Comparable {
    var first: Int
    var cluster: Int32
    static func < (a: Ready, b: Ready) -> Bool { a.first < b.first }
  }

  /// The positions of a sequence by key, in compressed rows, each row in order.
  private static func rows(count: Int, of keys: some Collection<Int>) -> (first: [Int], items: [Int32]) {
    var first = [Int](repeating: 0, count: count + 1)
    for key in keys { first[key + 1] += 1 }
    for index in 0..<count { first[index + 1] += first[index] }
    var next = first
    var items = [Int32](repeating: 0, count: keys.count)
    for (position, key) in keys.enumerated() {
      items[next[key]] = Int32(position)
      next[key] += 1
    }
    return (first, items)
  }
}
