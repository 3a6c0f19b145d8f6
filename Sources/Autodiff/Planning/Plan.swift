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

  /// The largest number of bytes in use during a run on one worker, the store excepted: arena, scratch, feeds, fetches,
  /// constants and bodies of loops. Each further worker adds ``scratchBytesPerWorker``, and at most ``nestedBytes`` where it
  /// runs bodies at the same time.
  public var peakBytes: Int {
    arenaBytes + scratchBytesPerWorker + nestedBytes + feedBytes + fetchBytes + constantBytes
  }

  /// The sum of the bytes of all computed values, as if none shared memory.
  public let valueBytes: Int

  /// The number of workers in the schedule that memory was planned with: the setting, or less where the budget asked
  /// for it.
  public let referenceWidth: Int

  /// The phases of planning with their times.
  let phases: [CompilePhase]

  /// All that was found out about one reference width.
  private struct Attempt {
    var width: Int
    var schedule: ReferenceSchedule
    var liveness: Liveness
    var memory: MemoryPlan
  }

  /// Plans a graph.
  /// - Throws: `GraphError` with code `plan` when the memory budget cannot be met: it says the least peak that can, and
  ///   the values that make it.
  /// - Complexity: near-linear in the operators; some microseconds each.
  init(_ source: Graph, options: CompileOptions) throws(GraphError) {
    var clock = PhaseClock()
    let accumulated = GradientAccumulator.rewrite(source)
    clock.end("accumulation")
    let passes = if let chosen = options.passes { chosen } else { try PassSelection.fromEnvironment() }
    let joined = accumulated.joined(by: passes)
    clock.end("joins")
    let graph = StepGraphBuilder.build(joined)
    clock.end("steps")
    let shards = ShardPlan(graph, granularity: options.granularity)
    clock.end("shards")
    let units = UnitGraph(graph, shards)
    clock.end("units")
    let tasks = Clusters(units, clusterSeconds: options.granularity.clusterSeconds)
    clock.end("clusters")
    let scratch = Plan.scratchBytes(graph, units)
    clock.end("scratch")
    self.graph = graph
    self.units = units
    self.tasks = tasks
    keepsMemoryEdges = options.memoryEdges
    scratchBytesPerWorker = scratch
    nestedBytes = graph.nestedBytes
    fingerprint = Fingerprint.of(source, options)
    clock.end("fingerprint")
    valueBytes = graph.values.indices.reduce(0) { sum, value in
      graph.computes(graph.values[value].step) ? sum + graph.values[value].type.byteCount : sum
    }

    var width = max(options.referenceWidth, 1)
    var attempt = Plan.attempt(graph, units, tasks, width: width)
    let fixed =
      scratch + nestedBytes + graph.feeds.reduce(0) { $0 + $1.type.byteCount }
      + graph.fetched.reduce(0) { $0 + $1.byteCount }
      + graph.constants.reduce(0) { $0 + $1.type.byteCount }
    if let budget = options.memoryBudget {
      var best = attempt
      while best.memory.arenaBytes + fixed > budget, width > 1 {
        width /= 2
        attempt = Plan.attempt(graph, units, tasks, width: width)
        if attempt.memory.arenaBytes < best.memory.arenaBytes { best = attempt }
      }
      attempt = best
      guard attempt.memory.arenaBytes + fixed <= budget else {
        throw GraphError([
          Plan.overBudget(budget, attempt.memory.arenaBytes + fixed, graph, attempt.liveness)
        ])
      }
    }
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
    (0..<taskCount).flatMap { task in
      let memory = keepsMemoryEdges ? memoryPredecessors[task] : []
      return (tasks.predecessors(of: task) + memory).map { (Int($0), task) }
    }
  }

  private static func attempt(
    _ graph: StepGraph, _ units: UnitGraph, _ tasks: Clusters, width: Int
  ) -> Attempt {
    let schedule = ReferenceSchedule(tasks, width: width)
    let liveness = Liveness(graph, units, tasks, schedule)
    return Attempt(
      width: width, schedule: schedule, liveness: liveness, memory: MemoryPlan(liveness, tasks, schedule))
  }

  private static func scratchBytes(_ graph: StepGraph, _ units: UnitGraph) -> Int {
    var most = 0
    for index in graph.steps.indices where !graph.steps[index].isView {
      guard let applied = graph.steps[index].applied else { continue }
      let signature = graph.signature(of: index)
      for unit in units.units[index] {
        let region = units.region[unit] ?? Region(whole: signature.outputs[0].shape)
        most = max(most, applied.scratchBytes(signature, region: region))
      }
    }
    return (most + 63) / 64 * 64
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

  private static func overBudget(
    _ budget: Int, _ peak: Int, _ graph: StepGraph, _ liveness: Liveness
  ) -> GraphError.Issue {
    // The moment with the most bytes alive.
    var events: [(time: Double, change: Int)] = []
    for buffer in liveness.buffers {
      events.append((buffer.start, buffer.byteCount))
      events.append((buffer.end, -buffer.byteCount))
    }
    events.sort { ($0.time, $0.change) < ($1.time, $1.change) }
    var alive = 0
    var most = 0
    var moment = 0.0
    for event in events {
      alive += event.change
      if alive > most { (most, moment) = (alive, event.time) }
    }
    let values = liveness.buffers.filter { $0.start <= moment && $0.end > moment }
      .sorted { ($1.byteCount, $0.value) < ($0.byteCount, $1.value) }
    let names = values.prefix(5).map {
      "\(graph.steps[graph.values[$0.value].step].name) (\(Plan.bytes($0.byteCount)))"
    }
    return GraphError.Issue(
      .plan, subject: "memory plan",
      message: "a run needs at least \(peak) bytes (\(Plan.bytes(peak))), more than the budget of \(budget) "
        + "(\(Plan.bytes(budget))); most of it is alive at once in \(names.joined(separator: ", "))"
        + (values.count > 5 ? " and \(values.count - 5) more" : "")
        + ": raise the budget, feed smaller batches or fetch less")
  }
}
