internal import TributaryAutodiff
internal import TributaryOps
internal import TributaryScheduler

/// What it takes to run one batch of a fixed size: the compiled graph, ready to run, and two batches, so that one can
/// be filled while the other is read.
final class StepPlan {
  let outcome: Objective.Outcome
  let executable: Executable
  let prepared: PreparedRun
  let batches: [Batch]
  let loss: Value
  let output: Value

  /// The bytes that steps take on some workers: what the plan foretells, and the second batch.
  func memory(workers: Int) -> MemoryUse {
    var use = executable.plan.memory(workers: workers)
    use.feeds += batches[1].byteCount
    return use
  }

  /// Compiles an objective for batches of `size` samples.
  /// - Throws: `GraphError` listing every mistake of the model, and where the budget cannot be met; `DataError` for an impossible batch.
  init(
    _ outcome: Objective.Outcome, size: Int, updating update: Update?, executor: GraphExecutor,
    store: (Executable) throws -> ParameterStore, pool: ArenaPool, memoryBudget: Int?
  ) throws {
    self.outcome = outcome
    loss = outcome.loss
    output = outcome.output
    executable = try outcome.loss.builder.compile(
      fetching: [outcome.loss, outcome.output], updating: update,
      options: CompileOptions(
        memoryBudget: memoryBudget, arenaPool: pool,
        checkFinite: update == nil ? [] : [outcome.loss]))
    let samples = outcome.inputs.map {
      TensorType($0.dtype, Shape($0.shape.dimensions.dropFirst()))
    }
    batches = try (0..<2).map { _ in try Batch(of: size, columns: samples) }
    prepared = try executable.prepare(on: executor, store(executable))
  }

  /// The bytes of memory that the plan takes, arenas and parameters excepted.
  var byteCount: Int {
    executable.residentBytes + prepared.byteCount
      + batches.reduce(0) { $0 + $1.types.reduce(0) { $0 + $1.byteCount } }
  }

  /// Lets the next run read a batch.
  func bind(_ batch: Batch) throws {
    for (column, input) in outcome.inputs.enumerated() {
      try prepared.bind(input, to: batch.bytes(column: column))
    }
  }

  /// Throws unless samples have the columns that the graph is fed with.
  func check(_ dataSet: any DataSet) throws(TrainingError) {
    let wanted = batches[0].types.map { TensorType($0.dtype, Shape($0.shape.dimensions.dropFirst())) }
    guard dataSet.columns == wanted else {
      let given = dataSet.columns.map(\.description).joined(separator: ", ")
      let needed = zip(outcome.inputs, wanted).map { "\($0.name) \($1)" }.joined(separator: ", ")
      throw TrainingError(
        .columns, message: "the samples have the columns \(given); the model is fed with \(needed)")
    }
  }
}
