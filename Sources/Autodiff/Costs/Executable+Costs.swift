internal import TributaryOps
public import TributaryScheduler

extension Executable {
  /// The mean time of each task over typical runs among those that a recorder kept whole; nil where it kept none.
  ///
  /// - Parameters:
  ///   - recorder: The trace of the runs.
  ///   - workers: The executor's number of workers.
  /// - Complexity: O(n log n) in the events kept.
  public func measuredCosts(_ recorder: TraceRecorder, workers: Int) -> MeasuredCosts? {
    let runs = recorder.wholeRuns(of: taskGraph)
    return runs.isEmpty ? nil : MeasuredCosts(plan, runs, workers: workers)
  }

  /// Orders tasks by measured costs from now on, in place of the cost model's. Runs under way go on; what is computed,
  /// bit for bit, does not depend on costs.
  ///
  /// - Throws: `CostError` when the costs are not this plan's, are not one for each task, or are no times.
  /// - Complexity: O(tasks + edges).
  public func use(_ costs: MeasuredCosts) throws(CostError) {
    guard costs.plan == plan.fingerprint else {
      throw CostError(
        .otherPlan,
        "the costs were measured on plan \(costs.plan) and this is plan \(plan.fingerprint); measure this one"
      )
    }
    guard costs.seconds.count == plan.taskCount else {
      throw CostError(
        .wrongTaskCount,
        "there are costs for \(costs.seconds.count) tasks and plan \(plan.fingerprint) has \(plan.taskCount); they come "
          + "from another version of the library, so measure again")
    }
    if let task = costs.seconds.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw CostError(
        .impossibleTime,
        "the cost of task \(task), “\(plan.taskName(task))”, is \(costs.seconds[task]) s; give a time of 0 or more"
      )
    }
    do {
      try taskGraph.updateCosts(costs.seconds.map { TaskCost(seconds: $0) })
    } catch {
      preconditionFailure("the task graph has as many tasks as the plan: \(error)")
    }
  }

  /// Bytes that each task reads and writes, values that pass between operators of one task included; an operator counts no more
  /// than its cost model says, since a look-up reads few rows of its table.
  package var taskBytes: [Double] {
    (0..<plan.taskCount).map { task in
      plan.tasks.units(of: task).reduce(0) { $0 + bytes(ofUnit: Int($1)) }
    }
  }

  private func bytes(ofUnit unit: Int) -> Double {
    guard plan.units.step[unit] >= 0 else { return 0 }
    let index = Int(plan.units.step[unit])
    let step = plan.graph.steps[index]
    guard let applied = step.applied else { return 0 }
    let signature = plan.graph.signature(of: index)
    var bytes = 0
    for (input, type) in signature.inputs.enumerated() {
      bytes += plan.units.inputRegion(unit, input).elementCount * type.dtype.byteCount
    }
    for (output, type) in signature.outputs.enumerated() {
      bytes += plan.units.outputRegion(unit, output).elementCount * type.dtype.byteCount
    }
    let cost = applied.cost(signature)
    return min(Double(bytes), cost.bytesRead + cost.bytesWritten)
  }

  /// A task graph of the same shape and costs whose tasks do nothing: what a run of it takes is scheduling alone.
  package func emptyTaskGraph() throws(SchedulerError) -> TaskGraph {
    var builder = TaskGraphBuilder(name: "empty step")
    for task in 0..<plan.taskCount {
      builder.add("", after: [], cost: TaskCost(seconds: plan.tasks.seconds[task])) { _ in }
    }
    for edge in plan.edges { builder.precede(TaskID(edge.before), TaskID(edge.after)) }
    return try builder.build()
  }
}
