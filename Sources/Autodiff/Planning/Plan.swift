internal import TributaryOps
public import TributaryScheduler

/// What a run does, in full, before anything runs: the tasks, their order, and where every byte is.
///
/// A plan follows from the graph, its fetches, shapes and the settings of its compilation alone; the number of
/// workers has no part in it. ``fingerprint`` names all that decides the bits of a run's results.
public struct Plan: Sendable {
  let graph: StepGraph
  let units: UnitGraph
  let tasks: Clusters
  let buffer: [Int32]
  let bufferOffset: [Int]
  let memoryPredecessors: [[Int32]]
  let keepsMemoryEdges: Bool

  /// A digest, 32 hexadecimal digits, of everything that the bits of the results depend on besides the data: the graph,
  /// fetches, shapes, settings, instruction set and libraries.
  public let fingerprint: String

  /// The number of tasks.
  public var taskCount: Int { tasks.count }

  /// The number of edges between tasks that data asks for.
  public var dataEdgeCount: Int { tasks.predecessors.count }

  /// The number of edges between tasks that only shared memory asks for.
  public let memoryEdgeCount: Int

  /// T₁: the cost of all tasks, by the static cost model.
  public let work: TaskCost

  /// T∞: the cost of the most expensive path, memory edges included.
  public let criticalPath: TaskCost

  /// T₁ / T∞: how many workers the graph can keep busy at most.
  public var parallelism: Double {
    criticalPath.seconds > 0 ? work.seconds / criticalPath.seconds : 1
  }

  /// The bytes that hold values during a run, shared over time.
  public let arenaBytes: Int

  /// The bytes of scratch memory that each worker needs.
  public let scratchBytesPerWorker: Int

  /// The bytes of arenas, scratch and constants of all bodies of loops and branches, each run by one worker.
  public let nestedBytes: Int

  /// The bytes of the tensors fed.
  public var feedBytes: Int { graph.feeds.reduce(0) { $0 + $1.type.byteCount } }

  /// The bytes of the tensors handed back.
  public var fetchBytes: Int { graph.fetched.reduce(0) { $0 + $1.byteCount } }

  /// The bytes of the constants.
  public var constantBytes: Int { graph.constants.reduce(0) { $0 + $1.type.byteCount } }

  /// The bytes of the states in the store.
  public var storeBytes: Int { graph.states.reduce(0) { $0 + $1.type.byteCount } }

  /// The bytes that training with this plan takes: arena, states, the tensors fed and handed back, constants, scratch
  /// memory. ``PreparedRun/memory`` counts what was allocated.
  ///
  /// The bodies of loops and branches count once; where several workers run them at the same time, each has its own.
  public func memory(workers: Int = 1) -> MemoryUse {
    var use = MemoryUse()
    use.arena = arenaBytes
    use.state = graph.states.lazy.map(\.type).alignedByteCount
    use.feeds = graph.edgeBytes
    use.scratch = scratchBytesPerWorker * workers + nestedBytes
    return use
  }

  /// The largest number of bytes in use during a run on one worker: all of ``memory(workers:)``.
  public var peakBytes: Int { memory().total }

  /// How many operators are computed a second time, to meet the memory budget.
  public var recomputedCount: Int { graph.steps.count { $0.isRecomputed } }

  /// The sum of the bytes of all computed values, as if none shared memory.
  public let valueBytes: Int

  /// The number of workers in the schedule that memory was planned with: the setting, or less where the budget asked
  /// for it.
  public let referenceWidth: Int

  /// The phases of planning with their times.
  let phases: [CompilePhase]

  /// Plans a graph.
  /// - Throws: `GraphError` with code `plan` when the memory budget cannot be met: it says the least peak that was found,
  ///   and the values that make it.
  /// - Complexity: near-linear in the operators; some microseconds each. With a budget that asks for recomputation,
  ///   operators times values computed again.
  init(_ source: Graph, options: CompileOptions) throws(GraphError) {
    var clock = PhaseClock()
    let accumulated = GradientAccumulator.rewrite(source)
    clock.end("accumulation")
    let passes = if let chosen = options.passes { chosen } else { try PassSelection.fromEnvironment() }
    let joined = accumulated.joined(by: passes)
    clock.end("joins")
    let steps = StepGraphBuilder.build(joined)
    clock.end("steps")
    let cut = PlanAttempt.Cut(steps, options.granularity, &clock)
    fingerprint = Fingerprint.of(source, options)
    clock.end("fingerprint")
    let attempt = try PlanAttempt.fitting(cut, options)
    graph = attempt.cut.graph
    units = attempt.cut.units
    tasks = attempt.cut.tasks
    keepsMemoryEdges = options.memoryEdges
    scratchBytesPerWorker = attempt.cut.scratchBytes
    nestedBytes = attempt.cut.nestedBytes
    valueBytes = attempt.cut.graph.computedBytes
    referenceWidth = attempt.width
    buffer = attempt.liveness.buffer
    bufferOffset = attempt.memory.offset
    arenaBytes = attempt.memory.arenaBytes
    memoryPredecessors = attempt.memory.memoryPredecessors
    memoryEdgeCount = attempt.memory.memoryEdgeCount
    work = TaskCost(seconds: attempt.schedule.work)
    criticalPath = TaskCost(
      seconds: Plan.criticalPath(tasks, attempt.schedule, options.memoryEdges ? memoryPredecessors : []))
    clock.end("memory")
    phases = clock.phases
  }

  /// The edges of the task graph, those for memory included.
  var edges: [(before: Int, after: Int)] {
    var edges: [(before: Int, after: Int)] = []
    edges.reserveCapacity(dataEdgeCount + memoryEdgeCount)
    for task in 0..<taskCount {
      for predecessor in tasks.predecessors(of: task) { edges.append((Int(predecessor), task)) }
      guard keepsMemoryEdges else { continue }
      for predecessor in memoryPredecessors[task] { edges.append((Int(predecessor), task)) }
    }
    return edges
  }

  private static func criticalPath(
    _ tasks: Clusters, _ schedule: ReferenceSchedule, _ memoryPredecessors: [[Int32]]
  ) -> Double {
    var end = [Double](repeating: 0, count: tasks.count)
    for task in schedule.order {
      for predecessor in tasks.predecessors(of: task) { end[task] = max(end[task], end[Int(predecessor)]) }
      if !memoryPredecessors.isEmpty {
        for predecessor in memoryPredecessors[task] { end[task] = max(end[task], end[Int(predecessor)]) }
      }
      end[task] += tasks.seconds[task]
    }
    return end.max() ?? 0
  }
}
