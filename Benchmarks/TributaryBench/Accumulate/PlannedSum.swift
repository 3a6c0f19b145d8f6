internal import TributaryAutodiff
internal import TributaryOps
internal import TributaryScheduler

/// Contributions to the gradient of a value with many readers, added as the library plans it.
///
/// Value x is read by k products `scale · x`; of each product the cotangent is the input, so each contributes
/// `scale · input` to the gradient of x.
struct PlannedSum: RunnableSum {
  private let prepared: PreparedRun
  private let gradient: Value
  let extraBytes: Int

  /// The gradient's plan on an executor.
  init(_ work: Contributions, on executor: GraphExecutor) throws {
    let builder = GraphBuilder()
    let shape = Shape([work.floats])
    let x = builder.input("x", shape)
    let cotangent = builder.input("cotangent", shape)
    let products = work.scales.map { Double($0) * x }
    let gradients = builder.gradients(
      of: products, cotangents: [Value](repeating: cotangent, count: work.count), withRespectTo: [x])
    gradient = gradients[x]
    let executable = try builder.compile(fetching: [gradient])
    prepared = try executable.prepare(on: executor, ParameterStore(executable, seed: 0))
    try prepared.feed(cotangent, Tensor(work.input, shape: shape))
    extraBytes =
      executable.plan.arenaBytes + executable.plan.scratchBytesPerWorker * executor.workerCount
  }

  func run() throws { _ = try prepared.run() }

  func result() throws -> [Float] { try prepared.tensor(gradient).elements() }
}
