internal import TributaryAutodiff
internal import TributaryScheduler

/// Runs a plan for one batch after another; the next batch is assembled meanwhile by a task of the same executor, so
/// that no thread is needed beyond the executor's.
final class BatchPipeline {
  private let executor: GraphExecutor
  private let graph: TaskGraph
  private let stage: Stage

  /// What the two tasks of a step work on.
  ///
  /// SAFETY: `@unchecked Sendable` since the caller changes it only between runs; during a run both tasks read it, and
  /// only the step's task writes `report`.
  private final class Stage: @unchecked Sendable {
    var plan: StepPlan?
    var loader: DataLoader?
    var next: Batch?
    var nextIndex = 0
    var report: RunReport?
  }

  init(executor: GraphExecutor) throws(SchedulerError) {
    self.executor = executor
    let stage = Stage()
    var builder = TaskGraphBuilder(name: "training")
    builder.add("step", cost: .microseconds(1000)) { context in
      if let plan = stage.plan { stage.report = try plan.prepared.run(in: context) }
    }
    builder.add("next batch", cost: .microseconds(100)) { _ in
      if let next = stage.next, let loader = stage.loader { loader.assemble(stage.nextIndex, into: next) }
    }
    graph = try builder.build()
    executor.reserve(for: graph)
    self.stage = stage
  }

  /// Runs the batches from a position on.
  /// - Parameters:
  ///   - plan: The plan for a size of batch.
  ///   - afterStep: Called after each batch with its number, plan, samples and report; false ends the pass.
  /// - Returns: The number of the batch after the last one run.
  func run(
    _ loader: DataLoader, from position: Int, options: RunOptions, plan: (Int) throws -> StepPlan,
    afterStep: (StepPlan, Batch, RunReport) throws -> Bool
  ) throws -> Int {
    guard position < loader.batchCount else { return position }
    defer {
      stage.plan = nil
      stage.next = nil
      stage.loader = nil
    }
    var upcoming = try plan(loader.size(of: position))
    try upcoming.check(loader.dataSet)
    var side = 0
    loader.assemble(position, into: upcoming.batches[side])
    stage.loader = loader
    for index in position..<loader.batchCount {
      let current = upcoming
      let batch = current.batches[side]
      side = 1 - side
      try current.bind(batch)
      stage.plan = current
      stage.next = nil
      if index + 1 < loader.batchCount {
        upcoming = try plan(loader.size(of: index + 1))
        stage.next = upcoming.batches[side]
        stage.nextIndex = index + 1
      }
      do {
        let report = try executor.run(graph, options: options)
        guard try afterStep(current, batch, stage.report ?? report) else { return index + 1 }
      } catch let failure as RunFailure {
        throw failure.underlying ?? failure
      }
    }
    return loader.batchCount
  }
}
