internal import TributaryOps
internal import TributaryScheduler

/// What a single run borrows, and how a store is entered and left around it.
///
/// SAFETY: `@unchecked Sendable` since only the caller of one run has it; it crosses threads with that caller's Swift task.
final class RunLease: @unchecked Sendable {
  private let executable: Executable
  private let store: ParameterStore?
  private let state: RunState
  let arena: Arena
  private let feeds: [Tensor]
  private let fetched: [TensorStorage]

  /// Borrows a state and an arena and points the state at everything.
  init(
    _ executable: Executable, _ executor: GraphExecutor, _ store: ParameterStore?, _ feeds: [Tensor]
  ) throws(RunError) {
    try executable.checkStore(store)
    self.executable = executable
    self.store = store
    self.feeds = feeds
    state = executable.takeState()
    if let store {
      do {
        try state.bind(store, executable.plan.graph.states)
      } catch {
        executable.give(state)
        throw error
      }
    }
    arena = executable.arenas.take(byteCount: executable.plan.arenaBytes)
    fetched = executable.plan.graph.fetched.map { TensorStorage(byteCount: $0.byteCount, zeroed: false) }
    state.provideScratch(workers: executor.workerCount)
    state.use(arena)
    for (number, tensor) in feeds.enumerated() { state.feed(number, tensor.storage.baseAddress) }
    for (number, storage) in fetched.enumerated() { state.fetch(number, storage.baseAddress) }
    state.note(store, executable.gateMode)
  }

  /// What the tasks are given.
  var argument: UnsafeMutableRawPointer { UnsafeMutableRawPointer(state.header) }

  /// Gives everything back; nobody may be running with it.
  func giveBack() {
    executable.give(state)
    executable.arenas.give(arena)
  }

  /// Enters the store, runs, leaves it; blocks.
  func run(_ body: () throws -> RunReport) throws(RunError) -> Outputs {
    try store?.enter(executable.gateMode, to: "be used by another run")
    defer { store?.gate.leave(executable.gateMode) }
    try executable.checkConsistent(store)
    do {
      return outputs(try body())
    } catch {
      throw executable.ended(error, store)
    }
  }

  /// Enters the store, runs, leaves it; suspends.
  func run(_ body: () async throws -> RunReport) async throws(RunError) -> Outputs {
    await store?.gate.enter(executable.gateMode)
    defer { store?.gate.leave(executable.gateMode) }
    try executable.checkConsistent(store)
    do {
      return outputs(try await body())
    } catch {
      throw executable.ended(error, store)
    }
  }

  private func outputs(_ report: RunReport) -> Outputs {
    let graph = executable.plan.graph
    let tensors = zip(fetched, graph.fetched).map { Tensor($0, $1) }
    return Outputs(tensors: graph.fetchIndex.map { tensors[$0] }, report: report, keys: executable.fetchKeys)
  }
}

extension Executable {
  /// How runs use the store.
  var gateMode: StoreGate.Mode { assigns ? .assigning : .reading }

  /// Refuses a run without the store that it needs, or from inside a run that would have to end first.
  func checkStore(_ store: ParameterStore?) throws(RunError) {
    if let store { return try store.checkUse(gateMode, to: "be used by another run") }
    guard let state = plan.graph.states.first else { return }
    throw RunError(
      .wrongStore,
      "the graph has states ('\(state.name)', …), so a run needs a ParameterStore; none was given")
  }

  /// Refuses a store whose states do not belong together.
  func checkConsistent(_ store: ParameterStore?) throws(RunError) {
    if let store, !store.gate.isConsistent { throw ParameterStore.inconsistent("be used") }
  }

  /// The error that a run ends in; marks the store when its states no longer belong together.
  func ended(_ error: any Error, _ store: ParameterStore?) -> RunError {
    guard let failure = error as? RunFailure else { return RunError(.taskFailed, "\(error)") }
    let cause = runError(failure)
    guard failure.committed, assigns, let store else { return cause }
    store.gate.setConsistent(false)
    return RunError(
      .stateInconsistent,
      "a step failed after its first assignment, so the states no longer belong together; restore them from a "
        + "snapshot or a checkpoint; the cause: \(cause.message)",
      operatorName: cause.operatorName, source: cause.source, report: cause.report)
  }
}
