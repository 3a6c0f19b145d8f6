internal import Synchronization

/// Predicts how long a graph takes on so many workers of a machine, with the executor's own policy and without running
/// anything.
///
/// ```swift
/// let machine = try Topology(synthetic: "pack:2 numa:2 l3:4 core:8 pu:2")
/// let placement = try Placement(topology: machine, request: ThreadCount.request(64))
/// let prediction = try MakespanSimulator(placement: placement).predict(graph)
/// print(prediction.seconds, prediction.speedUp, prediction.utilization)
/// ```
///
/// Events are task ends and thieves' arrivals; in between, workers do what the executor's do: go on with the ready
/// successor of highest rank and push the others, pop the task pushed last, take roots off the cursor, steal the oldest task of the
/// nearest worker that has one, wake one sleeper when nobody looks for work. Every worker counts as having a processor for itself,
/// and a run as shared from its first moment. What a task costs does not depend on who runs it, but stealing does, by distance.
/// Costs of zero for everything but the tasks give a greedy schedule, no longer than Graham's bound T₁ ÷ P + T∞.
///
/// A pure function of its inputs; callable from any thread.
public struct MakespanSimulator: Sendable {
  /// The workers and where they run; decides who steals from whom, and from how far.
  public let placement: Placement
  /// What the scheduling itself costs.
  public let overheads: Overheads

  /// A simulator of an executor with this placement.
  public init(placement: Placement, overheads: Overheads = .typical) {
    self.placement = placement
    self.overheads = overheads
  }

  /// What an executor's own work costs.
  public struct Overheads: Hashable, Sendable {
    /// Between two tasks of one worker: counting down successors, pushing, popping.
    public var task: TaskCost
    /// Taking another worker's task.
    public var steal: TaskCost
    /// More for a steal from a worker under another third-level cache.
    public var acrossL3: TaskCost
    /// More, besides, for one in another memory node.
    public var acrossNode: TaskCost
    /// More, besides, for one in another package.
    public var acrossPackage: TaskCost
    /// From waking a thread that sleeps until it looks for work.
    public var wake: TaskCost
    /// How long a worker without work looks for some before it sleeps. All but the first sleep when a run begins.
    public var spin: TaskCost

    /// Overheads by name; what is not given is nothing, and `spin` for ever.
    public init(
      task: TaskCost = .nanoseconds(0), steal: TaskCost = .nanoseconds(0),
      acrossL3: TaskCost = .nanoseconds(0),
      acrossNode: TaskCost = .nanoseconds(0), acrossPackage: TaskCost = .nanoseconds(0),
      wake: TaskCost = .nanoseconds(0), spin: TaskCost = .seconds(1e6)
    ) {
      self.task = task
      self.steal = steal
      self.acrossL3 = acrossL3
      self.acrossNode = acrossNode
      self.acrossPackage = acrossPackage
      self.wake = wake
      self.spin = spin
    }

    /// No overhead at all: the policy alone.
    public static let none = Overheads()

    /// Orders of magnitude of today's servers, untuned: 50 ns a task, 200 ns a steal and 200, 300 and 500 ns more across caches,
    /// nodes and packages, 25 µs for a thread that sleeps, after the executor's 50 µs of looking.
    public static let typical = Overheads(
      task: .nanoseconds(50), steal: .nanoseconds(200), acrossL3: .nanoseconds(200),
      acrossNode: .nanoseconds(300),
      acrossPackage: .nanoseconds(500), wake: .microseconds(25), spin: .microseconds(50))
  }

  /// Predicts a run by the graph's own costs. Its ranks decide what goes first, as they do in a run.
  ///
  /// - Complexity: O((tasks + edges) log workers + steals · workers) and, once for each thief, O(workers log workers).
  public func predict(_ graph: TaskGraph) -> MakespanPrediction {
    predict(graph, times: (0..<graph.taskCount).map { graph.tables.costs[$0].load(ordering: .relaxed) })
  }

  /// Predicts a run in which tasks take other times than the graph expects, for instance those measured. The graph's own ranks
  /// decide what goes first, as they do in a run.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - costs: how long each task takes, by position.
  /// - Throws: `SchedulerError` with code `wrongCostCount` when the number of costs is not the number of tasks.
  /// - Complexity: as above.
  public func predict(_ graph: TaskGraph, costs: [TaskCost]) throws(SchedulerError) -> MakespanPrediction {
    if costs.count != graph.taskCount {
      throw SchedulerError(
        .wrongCostCount,
        "graph “\(graph.name)” has \(graph.taskCount) tasks but was given \(costs.count) costs: give one for each"
      )
    }
    return predict(graph, times: costs.map(\.picoseconds))
  }

  private func predict(_ graph: TaskGraph, times: [UInt64]) -> MakespanPrediction {
    withExtendedLifetime(graph) {
      var run = MakespanRun(graph.tables, times: times, placement: placement, overheads: overheads)
      run.play()
      return run.prediction(criticalPath: graph.tables.longestTime(times))
    }
  }
}

extension GraphTables {
  /// The largest sum of given times along a path.
  fileprivate func longestTime(_ times: [UInt64]) -> UInt64 {
    var below = [UInt64](repeating: 0, count: taskCount)
    var longest: UInt64 = 0
    for position in stride(from: taskCount - 1, through: 0, by: -1) {
      let task = Int(order[position])
      var most: UInt64 = 0
      for entry in Int(records[task].successorsBegin)..<Int(records[task].successorsEnd) {
        most = max(most, below[Int(successors[entry] & ~GraphTables.soleBit)])
      }
      below[task] = most.addingClamped(times[task])
      longest = max(longest, below[task])
    }
    return longest
  }
}

extension UInt64 {
  /// The sum, or the largest number.
  func addingClamped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
