internal import TributaryOps

/// A way to lay out a graph in memory, with all that was found out about it.
struct PlanAttempt {
  /// A graph cut into units and tasks, before memory is looked at.
  struct Cut {
    var graph: StepGraph
    var units: UnitGraph
    var tasks: Clusters
    /// The bytes of scratch memory that each worker needs.
    var scratchBytes: Int
    /// The bytes of all bodies of loops and branches.
    var nestedBytes: Int
    /// The bytes that a run on one worker takes beside the arena.
    var fixedBytes: Int

    /// Cuts a graph and joins small units into tasks.
    init(_ graph: StepGraph, _ granularity: Granularity, _ clock: inout PhaseClock) {
      self.graph = graph
      let shards = ShardPlan(graph, granularity: granularity)
      clock.end("shards")
      units = UnitGraph(graph, shards)
      clock.end("units")
      tasks = Clusters(units, clusterSeconds: granularity.clusterSeconds)
      clock.end("clusters")
      scratchBytes = graph.scratchBytes(units)
      clock.end("scratch")
      nestedBytes = graph.nestedBytes
      fixedBytes =
        scratchBytes + nestedBytes + graph.edgeBytes + graph.states.lazy.map(\.type).alignedByteCount
    }
  }

  let cut: Cut
  /// The number of workers of the schedule.
  let width: Int
  let schedule: ReferenceSchedule
  let liveness: Liveness
  let memory: MemoryPlan

  /// The bytes that a run on one worker takes.
  var peakBytes: Int { memory.arenaBytes + cut.fixedBytes }

  /// Lays out a graph for a number of workers, in as few bytes as can be found or in those that keep few tasks apart.
  init(_ cut: Cut, width: Int, savesBytes: Bool) {
    self.cut = cut
    self.width = width
    schedule = ReferenceSchedule(cut.tasks, width: width)
    liveness = Liveness(cut.graph, cut.units, cut.tasks, schedule)
    memory = MemoryPlan(liveness, cut.tasks, schedule, savesBytes: savesBytes)
  }

  /// The layout for the reference width; over budget that of a narrower one, and at last one in which values are computed
  /// again.
  /// - Throws: `GraphError` with code `plan` when none fits: it says the least peak that was found, and the values that
  ///   make it.
  static func fitting(_ cut: Cut, _ options: CompileOptions) throws(GraphError) -> PlanAttempt {
    var width = max(options.referenceWidth, 1)
    var best = PlanAttempt(cut, width: width, savesBytes: false)
    guard let budget = options.memoryBudget, best.peakBytes > budget else { return best }
    best = PlanAttempt(cut, width: width, savesBytes: true)
    while best.peakBytes > budget, width > 1 {
      width /= 2
      let narrower = PlanAttempt(cut, width: width, savesBytes: true)
      if narrower.peakBytes < best.peakBytes { best = narrower }
    }
    guard best.peakBytes > budget else { return best }
    best = recomputing(best, budget, options)
    guard best.peakBytes <= budget else { throw GraphError([best.overBudget(budget)]) }
    return best
  }

  /// The first layout within the budget in which values are computed again, or the one with the least peak.
  ///
  /// The search counts the bytes alive; placing them may take some more, so it goes on below the budget until the
  /// layout fits.
  private static func recomputing(
    _ narrow: PlanAttempt, _ budget: Int, _ options: CompileOptions
  ) -> PlanAttempt {
    var best = narrow
    var clock = PhaseClock()
    var search = RecomputationSearch(narrow.cut.graph)
    var target = budget - narrow.cut.fixedBytes
    while search.lower(to: target) {
      let attempt = PlanAttempt(
        Cut(search.rewritten(), options.granularity, &clock), width: 1, savesBytes: true)
      if attempt.peakBytes < best.peakBytes { best = attempt }
      if best.peakBytes <= budget { break }
      target = min(target, search.peakBytes) - max(attempt.memory.arenaBytes / 50, 64)
    }
    return best
  }

  /// The error of a graph whose least peak is over the budget.
  private func overBudget(_ budget: Int) -> GraphError.Issue {
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
      "\(cut.graph.steps[cut.graph.values[$0.value].step].name) (\(Plan.bytes($0.byteCount)))"
    }
    let outside = Plan.bytes(cut.fixedBytes)
    return GraphError.Issue(
      .plan, subject: "memory plan",
      message:
        "a run needs at least \(peakBytes) bytes (\(Plan.bytes(peakBytes))), more than the budget of \(budget) "
        + "(\(Plan.bytes(budget))), even where values are computed again: \(outside) for states, feeds and scratch memory, "
        + "and most of the rest is alive at once in \(names.joined(separator: ", "))"
        + (values.count > 5 ? " and \(values.count - 5) more" : "")
        + "; raise the budget, feed smaller batches or fetch less")
  }
}

extension StepGraph {
  /// The bytes of the tensors fed, those handed back and the constants.
  var edgeBytes: Int {
    feeds.lazy.map(\.type).alignedByteCount + fetched.alignedByteCount
      + constants.lazy.map(\.type).alignedByteCount
  }

  /// The sum of the bytes of all computed values.
  var computedBytes: Int {
    values.reduce(0) { sum, value in computes(value.step) ? sum + value.type.byteCount : sum }
  }

  /// The scratch memory of the unit that needs the most.
  fileprivate func scratchBytes(_ units: UnitGraph) -> Int {
    var most = 0
    for index in steps.indices where !steps[index].isView {
      guard let applied = steps[index].applied else { continue }
      let signature = signature(of: index)
      for unit in units.units[index] {
        let region = units.region(of: unit) ?? Region(whole: signature.outputs[0].shape)
        most = max(most, applied.scratchBytes(signature, region: region))
      }
    }
    return (most + 127) / 128 * 128
  }
}
