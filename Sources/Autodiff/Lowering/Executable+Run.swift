public import TributaryOps
public import TributaryScheduler

extension Executable {
  /// Runs once, blocking the caller, which computes too.
  ///
  /// - Parameters:
  ///   - executor: Whose workers run the tasks.
  ///   - store: The states. A run that assigns has it to itself and waits its turn.
  ///   - feeds: A tensor for every input; read during the run and not copied.
  ///   - options: Deadline, cancellation and trace.
  /// - Throws: `RunError`. Unless its code is `stateInconsistent`, no state was changed.
  @available(*, noasync)
  public func run(
    on executor: GraphExecutor, _ store: ParameterStore? = nil, feeding feeds: [Value: Tensor] = [:],
    options: RunOptions = RunOptions()
  ) throws(RunError) -> Outputs {
    let lease = try lease(executor, store, try numbered(feeds))
    defer { lease.giveBack() }
    return try lease.run { () throws -> RunReport in
      try executor.runBlocking(
        self.taskGraph, argument: lease.argument, options: options, mayBorrow: store != nil)
    }
  }

  /// Runs once on the executor's own workers, suspending the caller.
  /// - Throws: `RunError`, also with code `cancelled` when the Swift task is. Unless its code is `stateInconsistent`, no
  ///   state was changed.
  public func run(
    on executor: GraphExecutor, _ store: ParameterStore? = nil, feeding feeds: [Value: Tensor] = [:],
    options: RunOptions = RunOptions()
  ) async throws(RunError) -> Outputs {
    let lease = try lease(executor, store, try numbered(feeds))
    defer { lease.giveBack() }
    return try await lease.run { () async throws -> RunReport in
      try await executor.runSuspending(
        self.taskGraph, argument: lease.argument, options: options, mayBorrow: store != nil)
    }
  }

  /// Runs once, blocking the caller, with inputs fed by name; for graphs that were made without a builder.
  /// - Throws: `RunError`. Unless its code is `stateInconsistent`, no state was changed.
  @available(*, noasync)
  public func run(
    on executor: GraphExecutor, _ store: ParameterStore? = nil, feedingByName feeds: [String: Tensor],
    options: RunOptions = RunOptions()
  ) throws(RunError) -> Outputs {
    var numbered: [Int: Tensor] = [:]
    for (name, tensor) in feeds {
      numbered[try number(ofInput: name)] = tensor
    }
    let lease = try lease(executor, store, numbered)
    defer { lease.giveBack() }
    return try lease.run { () throws -> RunReport in
      try executor.runBlocking(
        self.taskGraph, argument: lease.argument, options: options, mayBorrow: store != nil)
    }
  }

  /// Keeps all that a run needs, so that running allocates nothing.
  /// - Throws: `RunError` with code `wrongStore`.
  public func prepare(on executor: GraphExecutor, _ store: ParameterStore? = nil) throws(RunError)
    -> PreparedRun
  {
    try PreparedRun(self, executor, store)
  }

  private func numbered(_ feeds: [Value: Tensor]) throws(RunError) -> [Int: Tensor] {
    var result: [Int: Tensor] = [:]
    for (value, tensor) in feeds {
      result[try number(of: value)] = tensor
    }
    return result
  }

  private func lease(
    _ executor: GraphExecutor, _ store: ParameterStore?, _ feeds: [Int: Tensor]
  ) throws(RunError) -> RunLease {
    let inputs = plan.graph.feeds.count
    var tensors: [Tensor] = []
    for number in 0..<inputs {
      guard let tensor = feeds[number] else { throw missingFeed(number) }
      try check(tensor.type, for: number)
      tensors.append(tensor)
    }
    return try RunLease(self, executor, store, tensors)
  }
}
