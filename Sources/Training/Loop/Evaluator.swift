public import TributaryAutodiff
internal import TributaryOps
public import TributaryScheduler

/// Judges a model by samples without changing it; its layers are applied for inference (``LayerMode``).
///
/// Plans are compiled once for each size of batch as long as there is room for them, and share one arena. One pass at a time.
public final class Evaluator {
  /// The parameters judged.
  public let store: ParameterStore

  private let objective: Objective
  private let executor: GraphExecutor
  private let pool: ArenaPool
  private let memoryBudget: Int?
  private let pipeline: BatchPipeline
  private var plans: PlanCache<Int, StepPlan>

  /// A judge of the parameters in a store.
  /// - Parameters:
  ///   - objective: What is judged.
  ///   - store: The parameters.
  ///   - executor: Where to run.
  ///   - planBytes: The bytes of memory that the plans may take; of more, the ones used last are kept.
  /// - Throws: `SchedulerError` when the executor cannot take its tasks.
  public convenience init(
    _ objective: Objective, store: ParameterStore, executor: GraphExecutor,
    planBytes: Int = ExecutableCache<Int>.defaultByteLimit
  ) throws {
    try self.init(objective, store: store, executor: executor, pool: ArenaPool(), planBytes: planBytes)
  }

  /// A judge of fresh parameters, to be set from a checkpoint.
  /// - Parameters:
  ///   - objective: What is judged.
  ///   - batchSize: The size of batch to compile for.
  ///   - executor: Where to run.
  ///   - planBytes: The bytes of memory that the plans may take; of more, the ones used last are kept.
  /// - Throws: `GraphError` listing every mistake of the model.
  public init(
    _ objective: Objective, batchSize: Int, executor: GraphExecutor,
    planBytes: Int = ExecutableCache<Int>.defaultByteLimit
  ) throws {
    plans = PlanCache(byteLimit: planBytes)
    self.objective = objective
    self.executor = executor
    pool = ArenaPool()
    memoryBudget = nil
    pipeline = try BatchPipeline(executor: executor)
    var made: ParameterStore?
    let plan = try StepPlan(
      Evaluator.build(objective, batchSize), size: batchSize, updating: nil, executor: executor,
      store: { executable in
        let store = ParameterStore(executable, seed: 0)
        made = store
        return store
      }, pool: pool, memoryBudget: nil)
    plans.keep(plan, for: batchSize, byteCount: plan.byteCount)
    guard let made else { preconditionFailure("a plan asks for its store") }
    store = made
  }

  init(
    _ objective: Objective, store: ParameterStore, executor: GraphExecutor, pool: ArenaPool,
    memoryBudget: Int? = nil, planBytes: Int
  ) throws {
    plans = PlanCache(byteLimit: planBytes)
    self.objective = objective
    self.store = store
    self.executor = executor
    self.pool = pool
    self.memoryBudget = memoryBudget
    pipeline = try BatchPipeline(executor: executor)
  }

  /// The mean loss and the share of right answers over all batches of a loader.
  /// - Throws: `TrainingError.columns` when the samples do not fit, `GraphError` and `RunError` when a batch cannot be
  ///   compiled or run.
  public func evaluate(
    over loader: DataLoader, options: RunOptions = RunOptions(), progress: ProgressBar? = nil
  ) throws -> PassStatistics {
    var statistics = PassStatistics()
    var progress = progress
    defer { progress?.clear() }
    let start = ContinuousClock.now
    _ = try pipeline.run(loader, from: 0, options: options, plan: plan(for:)) { plan, batch, report in
      statistics.isJudged = objective.judge != nil
      try statistics.add(plan, batch, report, judge: objective.judge)
      progress?.update(statistics.steps, of: loader.batchCount) { "" }
      return true
    }
    statistics.seconds = (ContinuousClock.now - start).seconds
    return statistics
  }

  private static func build(_ objective: Objective, _ size: Int) -> Objective.Outcome {
    LayerMode.inference { objective.build(GraphBuilder(), size) }
  }

  private func plan(for size: Int) throws -> StepPlan {
    if let known = plans.use(size) { return known }
    let plan = try StepPlan(
      Evaluator.build(objective, size), size: size, updating: nil, executor: executor,
      store: { _ in store }, pool: pool, memoryBudget: memoryBudget)
    plans.keep(plan, for: size, byteCount: plan.byteCount)
    return plan
  }
}

extension PassStatistics {
  /// Adds what a step fetched.
  mutating func add(_ plan: StepPlan, _ batch: Batch, _ report: RunReport, judge: Loss.Judge?) throws {
    steps += 1
    samples += batch.count
    timedSamples += batch.count
    lossSum += try plan.prepared.scalar(plan.loss) * Double(batch.count)
    busySeconds += report.busySeconds
    workerSeconds += report.wallSeconds * Double(report.workers)
    if let judge {
      answersPerSample = batch.types[batch.types.count - 1].elementCount / batch.count
      right += try plan.prepared.withBytes(of: plan.output) { judge($0, plan.output.type, batch) }
    }
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
