public import TributaryOps
public import TributaryScheduler

/// A run with everything at hand: running it again allocates nothing and counts no references.
///
/// Feeds stay until they are replaced, results are read until the next run replaces them. For one thread at a time: a
/// prepared run is not `Sendable`, several of one executable run at once.
public final class PreparedRun {
  /// What is run.
  public let executable: Executable

  private let executor: GraphExecutor
  private let store: ParameterStore?
  private let state: RunState
  private let taskGraph: TaskGraph
  private let arenas: ArenaPool
  private let arenaBytes: Int
  private let gateMode: StoreGate.Mode
  /// The store, so that entering and leaving it counts no references.
  ///
  /// SAFETY: `store` keeps it alive as long as this run lives.
  private let unownedStore: Unmanaged<ParameterStore>?
  /// Keeps the tensors fed alive; nil for bytes that the caller keeps.
  private var feeds: [Tensor?]
  private var missing: [Bool]
  private var missingCount: Int
  /// The bytes allocated for each input's tensor, or bound by the caller.
  private var fedBytes: [Int]
  private let fetched: [TensorStorage]

  init(
    _ executable: Executable, _ executor: GraphExecutor, _ store: ParameterStore?
  ) throws(RunError) {
    try executable.checkStore(store)
    self.executable = executable
    self.executor = executor
    self.store = store
    state = executable.makeState()
    taskGraph = executable.taskGraph
    arenas = executable.arenas
    arenaBytes = executable.plan.arenaBytes
    gateMode = executable.gateMode
    unownedStore = store.map { Unmanaged.passUnretained($0) }
    let graph = executable.plan.graph
    feeds = Array(repeating: nil, count: graph.feeds.count)
    missing = Array(repeating: true, count: graph.feeds.count)
    missingCount = graph.feeds.count
    fedBytes = Array(repeating: 0, count: graph.feeds.count)
    fetched = graph.fetched.map { TensorStorage(byteCount: $0.byteCount) }
    if let store { try state.bind(store, graph.states) }
    state.provideScratch(workers: executor.workerCount)
    for (number, storage) in fetched.enumerated() { state.fetch(number, storage.baseAddress) }
    executor.reserve(for: taskGraph)
  }

  /// The bytes of what is kept for this run alone: addresses, scratch memory and the tensors handed back.
  package var byteCount: Int { state.byteCount + fetched.reduce(0) { $0 + $1.byteCount } }

  /// Feeds an input from now on. The tensor is not copied.
  /// - Throws: `RunError` with code `unknownFeed`, `wrongType` or `wrongShape`.
  public func feed(_ value: Value, _ tensor: Tensor) throws(RunError) {
    let number = try executable.number(of: value)
    try executable.check(tensor.type, for: number)
    feeds[number] = tensor
    bind(number, tensor.storage.baseAddress, tensor.storage.allocatedByteCount)
  }

  /// Feeds an input by name from now on. The tensor is not copied.
  /// - Throws: `RunError` with code `unknownFeed`, `wrongType` or `wrongShape`.
  public func feed(named name: String, _ tensor: Tensor) throws(RunError) {
    let number = try executable.number(ofInput: name)
    try executable.check(tensor.type, for: number)
    feeds[number] = tensor
    bind(number, tensor.storage.baseAddress, tensor.storage.allocatedByteCount)
  }

  /// Feeds an input from bytes of the caller, who keeps them alive, and unchanged during runs. They should be 64-byte
  /// aligned. Copies and allocates nothing.
  /// - Throws: `RunError` with code `unknownFeed`, or `wrongShape` when the number of bytes is not the input's.
  public func bind(_ value: Value, to bytes: UnsafeRawBufferPointer) throws(RunError) {
    let number = try executable.number(of: value)
    let input = executable.plan.graph.feeds[number]
    guard bytes.count == input.type.byteCount, let base = bytes.baseAddress else {
      throw RunError(
        .wrongShape,
        "input '\(input.name)' is \(input.type), \(input.type.byteCount) bytes, and was bound to \(bytes.count) bytes"
      )
    }
    feeds[number] = nil
    bind(number, base, bytes.count)
  }

  private func bind(_ number: Int, _ address: UnsafeRawPointer, _ byteCount: Int) {
    state.feed(number, address)
    fedBytes[number] = byteCount
    if missing[number] {
      missing[number] = false
      missingCount -= 1
    }
  }

  /// The bytes that were allocated for this run, counted where they were: to be compared with what the plan foretells,
  /// ``Plan/memory(workers:)``. An arena pool that several executables share counts whole; the arena is there from the
  /// first run on.
  public var memory: MemoryUse {
    var use = MemoryUse()
    use.arena = arenas.byteCount
    use.state = store?.byteCount ?? 0
    use.feeds =
      fedBytes.reduce(0, +) + fetched.reduce(0) { $0 + $1.allocatedByteCount } + executable.constantBytes
    use.scratch = state.scratchByteCount + executable.bodyBytes
    return use
  }

  /// Runs, blocking the caller, which computes too. A steady run allocates nothing.
  /// - Throws: `RunError`. Unless its code is `stateInconsistent`, no state was changed.
  @available(*, noasync)
  @discardableResult
  public func run(options: RunOptions = RunOptions()) throws(RunError) -> RunReport {
    try enter()
    defer { leave() }
    do {
      return try executor.runBlocking(
        taskGraph, argument: UnsafeMutableRawPointer(state.header), options: options,
        mayBorrow: unownedStore != nil)
    } catch {
      throw executable.ended(error, store)
    }
  }

  /// Runs inside a task of another graph, on that run's executor, which must be the one it was prepared on. The worker
  /// helps while it waits.
  /// - Throws: `RunError`. Unless its code is `stateInconsistent`, no state was changed.
  @discardableResult
  public func run(in context: borrowing TaskContext) throws(RunError) -> RunReport {
    try enter()
    defer { leave() }
    do {
      return try context.run(taskGraph, argument: UnsafeMutableRawPointer(state.header))
    } catch {
      throw executable.ended(error, store)
    }
  }

  private var arena: Arena?

  private func enter() throws(RunError) {
    if missingCount > 0, let number = missing.firstIndex(of: true) { throw executable.missingFeed(number) }
    if let unownedStore {
      let mode = gateMode
      let refusal = unownedStore._withUnsafeGuaranteedRef { PreparedRun.enter($0, mode) }
      if let refusal { throw refusal }
    }
    state.note(unownedStore, gateMode)
    let arena = arenas.take(byteCount: arenaBytes)
    state.use(arena)
    self.arena = arena
  }

  /// Enters the store, or says why that cannot be.
  private static func enter(_ store: ParameterStore, _ mode: StoreGate.Mode) -> RunError? {
    do {
      try store.enter(mode, to: "be used by another run")
    } catch {
      return error
    }
    if store.gate.isConsistent { return nil }
    store.gate.leave(mode)
    return ParameterStore.inconsistent("be used")
  }

  private func leave() {
    if let arena { arenas.give(arena) }
    arena = nil
    let mode = gateMode
    unownedStore?._withUnsafeGuaranteedRef { $0.gate.leave(mode) }
  }

  /// A copy of a fetched value, as of the last run.
  /// - Throws: `RunError` with code `unknownFetch`.
  public func tensor(_ value: Value) throws(RunError) -> Tensor {
    tensor(at: try executable.fetchKeys.position(of: value))
  }

  /// A copy of what a fetch hands back, by its position among the graph's fetches, as of the last run.
  public func tensor(at position: Int) -> Tensor {
    let number = executable.plan.graph.fetchIndex[position]
    let type = executable.plan.graph.fetched[number]
    let storage = TensorStorage(byteCount: type.byteCount, zeroed: false)
    storage.baseAddress.copyMemory(from: fetched[number].baseAddress, byteCount: type.byteCount)
    return Tensor(storage, type)
  }

  /// The first element of a fetched floating-point or integer value, as of the last run. Allocates nothing.
  /// - Throws: `RunError` with code `unknownFetch`.
  public func scalar(_ value: Value) throws(RunError) -> Double {
    try withBytes(of: value) { bytes in
      guard let base = bytes.baseAddress else { return .nan }
      switch value.dtype {
      case .float32: return Double(base.load(as: Float.self))
      case .float64: return base.load(as: Double.self)
      case .int32: return Double(base.load(as: Int32.self))
      case .int64: return Double(base.load(as: Int64.self))
      case .bool: return base.load(as: UInt8.self) == 0 ? 0 : 1
      }
    }
  }

  /// Calls `body` with the bytes of a fetched value, as of the last run. Allocates nothing.
  /// - Throws: `RunError` with code `unknownFetch`.
  public func withBytes<Result>(
    of value: Value, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(RunError) -> Result {
    let number = executable.plan.graph.fetchIndex[try executable.fetchKeys.position(of: value)]
    return body(
      UnsafeRawBufferPointer(
        start: fetched[number].baseAddress, count: executable.plan.graph.fetched[number].byteCount))
  }
}
