public import TributaryAutodiff
public import TributaryOps
public import TributaryScheduler

/// Trains a model: one plan for the size of a batch, others for the shorter batches that end an epoch, all with one
/// store and one arena.
///
/// ```swift
/// let trainer = try Trainer(
///   classifier, input: [128, 784], loss: .softmaxCrossEntropy, optimizer: Adam(), executor: .shared, seed: 1)
/// for epoch in 1...5 {
///   print(try trainer.runEpoch(over: samples.shuffled(seed: 1, epoch: epoch).batches(of: 128)))
/// }
/// ```
/// The parameters after a number of steps depend on the model, the samples, the settings and the seed, and not on the
/// number of threads. One epoch at a time.
public final class Trainer {
  /// Parameters, moments and the count of steps.
  public let store: ParameterStore

  /// The seed that the parameters were drawn from.
  public let seed: UInt64

  /// Steps done so far, before a resumption too.
  public internal(set) var stepsDone = 0

  /// The epoch that is running or was run last, from 1 on; 0 before the first.
  public internal(set) var epoch = 0

  /// The epoch that ``runEpoch(over:options:progress:afterStep:)`` runs next: the current one where it was stopped early.
  public var nextEpoch: Int { current.steps > 0 ? epoch : epoch + 1 }

  /// What came of the current epoch so far; kept so that a resumed epoch ends with the figures of a whole one.
  var current = PassStatistics()

  private let objective: Objective
  private let optimizer: any Optimizer
  private let executor: GraphExecutor
  private let pool = ArenaPool()
  private let memoryBudget: Int?
  private let pipeline: BatchPipeline
  private let evaluator: Evaluator
  /// The plans of shorter batches.
  private var plans: PlanCache<Int, StepPlan>
  private let batchSize: Int
  private let firstPlan: StepPlan

  /// Prepares to train an objective.
  /// - Parameters:
  ///   - objective: What to train.
  ///   - batchSize: The samples of every batch but perhaps the last of an epoch.
  ///   - optimizer: How to update the parameters.
  ///   - executor: Where to run.
  ///   - seed: What the parameters' first values are drawn from.
  ///   - memoryBudget: What `Plan.peakBytes` must not exceed: arena, states, one batch and the scratch memory of one worker.
  ///     Where the bytes are few, fewer tasks run at the same time and values are computed twice; results keep their bits.
  ///   - planBytes: The bytes of memory that the plans of batches of other sizes may take, those for training and those for
  ///     judging each; of more, the ones used last are kept.
  /// - Throws: `GraphError` listing every mistake of the model, with code `plan` when the budget cannot be met;
  ///   `DataError.batchSize` for an impossible batch.
  public init(
    _ objective: Objective, batchSize: Int, optimizer: some Optimizer, executor: GraphExecutor, seed: UInt64,
    memoryBudget: Int? = nil, planBytes: Int = ExecutableCache<Int>.defaultByteLimit
  ) throws {
    guard batchSize > 0 else {
      throw DataError(.batchSize, message: "a batch of \(batchSize) samples is impossible; give at least 1")
    }
    self.objective = objective
    self.optimizer = optimizer
    self.executor = executor
    self.seed = seed
    self.batchSize = batchSize
    plans = PlanCache(byteLimit: planBytes)
    self.memoryBudget = memoryBudget
    var made: ParameterStore?
    firstPlan = try Trainer.plan(
      objective, optimizer, size: batchSize, executor,
      store: { executable in
        let store = ParameterStore(executable, seed: seed)
        made = store
        return store
      }, pool: pool, memoryBudget: memoryBudget)
    guard let made else { preconditionFailure("a plan asks for its store") }
    store = made
    pipeline = try BatchPipeline(executor: executor)
    evaluator = try Evaluator(
      objective, store: made, executor: executor, pool: pool, memoryBudget: memoryBudget, planBytes: planBytes
    )
  }

  /// Prepares to train a layer.
  /// - Parameters:
  ///   - model: The layer.
  ///   - input: The shape of a batch of inputs; axis 0 is the size of a batch.
  ///   - loss: What to minimise.
  ///   - optimizer: How to update the parameters.
  ///   - executor: Where to run.
  ///   - seed: What the parameters' first values are drawn from.
  ///   - memoryBudget: The bytes that steps may take.
  ///   - planBytes: The bytes of memory that the plans of batches of other sizes may take.
  /// - Throws: `GraphError` listing every mistake of the model, with code `plan` when the budget cannot be met;
  ///   `DataError.batchSize` for an impossible batch.
  public convenience init(
    _ model: some Layer, input: Shape, loss: Loss, optimizer: some Optimizer, executor: GraphExecutor,
    seed: UInt64, memoryBudget: Int? = nil, planBytes: Int = ExecutableCache<Int>.defaultByteLimit
  ) throws {
    try self.init(
      Objective(model, input: Shape(input.dimensions.dropFirst()), loss: loss),
      batchSize: input.rank > 0 ? input[0] : 0, optimizer: optimizer, executor: executor, seed: seed,
      memoryBudget: memoryBudget, planBytes: planBytes)
  }

  /// The plan of a full batch.
  public var plan: Plan { firstPlan.executable.plan }

  /// The number of plans kept for batches of other sizes.
  var keptPlans: Int { plans.count }

  /// The bytes that training takes by the plan of a full batch, on all workers and with the batch that is filled
  /// meanwhile.
  public var memory: MemoryUse { firstPlan.memory(workers: executor.workerCount) }

  /// The step of a full batch.
  package var executable: Executable { firstPlan.executable }

  /// What the recorded steps of full batches spent on each operator.
  package func profile(_ recorder: TraceRecorder) -> ExecutionProfile {
    firstPlan.executable.profile(recorder, workers: executor.workerCount)
  }

  /// Trains on every batch of a loader.
  /// - Parameters:
  ///   - loader: The batches. After ``restore(_:)`` in the middle of an epoch it must be that epoch's again; training
  ///     goes on with the first batch not yet seen.
  ///   - options: Trace, deadline and cancellation of each step.
  ///   - progress: Where to show how far the epoch is.
  ///   - afterStep: Called after each step with its wall time in seconds; false ends the epoch early.
  /// - Returns: Loss, accuracy and speed of the epoch; of the part that was run when it ended early.
  /// - Throws: `TrainingError.notFiniteLoss` with the step, the store then being as before it;
  ///   `TrainingError.columns` when the samples do not fit; `GraphError` and `RunError` when a step cannot be compiled
  ///   or run.
  @discardableResult
  public func runEpoch(
    over loader: DataLoader, options: RunOptions = RunOptions(), progress: ProgressBar? = nil,
    afterStep: (_ seconds: Double) throws -> Bool = { _ in true }
  ) throws -> PassStatistics {
    if current.steps == 0 { epoch += 1 }
    current.isJudged = objective.judge != nil
    var progress = progress
    defer { progress?.clear() }
    let before = current.seconds
    let start = ContinuousClock.now
    var stepStart = start
    do {
      let position = try pipeline.run(
        loader, from: current.steps, options: options, plan: plan(for:)
      ) { plan, batch, report in
        stepsDone += 1
        try current.add(plan, batch, report, judge: objective.judge)
        let now = ContinuousClock.now
        current.seconds = before + (now - start).seconds
        let stepSeconds = (now - stepStart).seconds
        stepStart = now
        progress?.update(current.steps, of: loader.batchCount) { current.description }
        return try afterStep(stepSeconds)
      }
      let result = current
      if position == loader.batchCount { current = PassStatistics() }
      return result
    } catch let error as RunError where error.code == .notFinite {
      throw TrainingError(
        .notFiniteLoss, step: stepsDone + 1,
        message:
          "the loss became NaN or infinite at step \(stepsDone + 1); the parameters are those after step "
          + "\(stepsDone). A lower learning rate or clipping the gradients may help")
    }
  }

  /// Judges the parameters as they are by all batches of a loader.
  /// - Throws: As ``Evaluator/evaluate(over:options:progress:)``.
  public func evaluate(
    over loader: DataLoader, options: RunOptions = RunOptions(), progress: ProgressBar? = nil
  ) throws -> PassStatistics {
    try evaluator.evaluate(over: loader, options: options, progress: progress)
  }

  private func plan(for size: Int) throws -> StepPlan {
    if size == batchSize { return firstPlan }
    if let known = plans.use(size) { return known }
    let plan = try Trainer.plan(
      objective, optimizer, size: size, executor, store: { _ in store }, pool: pool,
      memoryBudget: memoryBudget)
    plans.keep(plan, for: size, byteCount: plan.byteCount)
    return plan
  }

  /// The executable of a training step, without an executor or a store.
  /// - Throws: `GraphError` listing every mistake of the model.
  public static func compile(
    _ objective: Objective, batchSize: Int, optimizer: any Optimizer
  ) throws -> Executable {
    let outcome = LayerMode.training { objective.build(GraphBuilder(), batchSize) }
    return try outcome.loss.builder.compile(
      fetching: [outcome.loss, outcome.output], updating: optimizer.minimizing(outcome.loss))
  }

  private static func plan(
    _ objective: Objective, _ optimizer: any Optimizer, size: Int, _ executor: GraphExecutor,
    store: (Executable) throws -> ParameterStore, pool: ArenaPool, memoryBudget: Int?
  ) throws -> StepPlan {
    let outcome = LayerMode.training { objective.build(GraphBuilder(), size) }
    let update = optimizer.minimizing(outcome.loss)
    return try StepPlan(
      outcome, size: size, updating: update, executor: executor, store: store, pool: pool,
      memoryBudget: memoryBudget)
  }
}
