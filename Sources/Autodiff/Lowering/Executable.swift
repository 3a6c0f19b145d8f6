internal import Synchronization
public import TributaryOps
internal import TributaryScheduler

/// A graph planned, lowered and ready to run, as often as wanted and several times at once.
///
/// Made by `GraphBuilder.compile`. It owns the kernels, the task graph and the constants; states live in a
/// ``ParameterStore``, other values in an arena that each run borrows.
public final class Executable: Sendable {
  /// The largest number of run states that are kept while nobody uses them.
  static let idleLimit = 8

  /// The graph as it was planned.
  public let graph: Graph

  /// What a run does.
  public let plan: Plan

  /// The phases of planning and lowering with the wall time of each, in their order. The passes ran before.
  public let phases: [CompilePhase]

  let taskGraph: TaskGraph
  let arenas: ArenaPool
  let fetchKeys: FetchKeys
  let assigns: Bool
  let program: Program
  let patches: Patches
  private let feedNumber: [String: Int]
  /// Who made the values that are fed and fetched; nil for a graph made by hand.
  let builder: GraphBuilder?
  private let idle = Mutex<[RunState]>([])
  /// The bytes that do not change, once they were asked for.
  private let counted = Mutex<Int?>(nil)

  /// Plans and lowers a graph whose inputs are fed by name and whose fetches are read by position.
  /// - Throws: `GraphError` with code `plan` when the memory budget cannot be met or an operator has no kernel for its
  ///   types.
  public convenience init(graph: Graph, options: CompileOptions = CompileOptions()) throws(GraphError) {
    try self.init(graph: graph, fetching: [], options: options)
  }

  /// Plans and lowers a graph.
  /// - Parameters:
  ///   - graph: The graph, simplified or not.
  ///   - fetching: The values that the graph's fetches hand back, in their order.
  ///   - options: Settings of the plan.
  /// - Throws: `GraphError` with code `plan` when the memory budget cannot be met or an operator has no kernel for its
  ///   types.
  public init(graph: Graph, fetching: [Value], options: CompileOptions) throws(GraphError) {
    self.graph = graph
    for state in graph.states {
      do { try state.checkInitial() } catch {
        throw GraphError([
          GraphError.Issue(.plan, subject: "state", message: error.message, operands: [state.type])
        ])
      }
    }
    plan = try Plan(graph, options: options)
    var clock = PhaseClock()
    program = try Program(plan)
    clock.end("kernels")
    do {
      taskGraph = try program.taskGraph(plan, edges: plan.edges)
    } catch {
      throw GraphError([GraphError.Issue(.plan, subject: "task graph", message: error.message)])
    }
    clock.end("tasks")
    arenas = options.arenaPool ?? ArenaPool()
    fetchKeys = FetchKeys(fetching)
    builder = fetching.first?.builder
    patches = Patches(program, plan.graph)
    assigns = plan.graph.newValues.contains { $0 != nil }
    feedNumber = Dictionary(
      plan.graph.feeds.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    clock.end("addresses")
    phases = plan.phases + clock.phases
  }

  /// The names and types of the inputs that a run needs, in the order of their declaration.
  public var inputs: [(name: String, type: TensorType)] { plan.graph.feeds }

  /// The names of the implementations that the kernels come from: `c`, `openblas`, `onednn`.
  public var implementations: [String] { program.implementations }

  /// The number of an input by name.
  func number(ofInput name: String) throws(RunError) -> Int {
    if let number = feedNumber[name] { return number }
    let known = plan.graph.feeds.map { "'\($0.name)'" }.joined(separator: ", ")
    throw RunError(
      .unknownFeed,
      "'\(name)' is fed, but nothing that is fetched or assigned depends on an input of that name; the inputs needed "
        + "are " + (known.isEmpty ? "none" : known))
  }

  /// The number of the input that a value is.
  func number(of value: Value) throws(RunError) -> Int {
    guard let name = value.inputName else {
      throw RunError(
        .unknownFeed,
        "'\(value.name)' \(value.type) is fed, but is not an input; only values of `input` can be fed")
    }
    guard builder == nil || value.builder === builder else {
      throw RunError(
        .unknownFeed,
        "'\(name)' \(value.type) is fed, but belongs to another GraphBuilder; feed this graph's input")
    }
    return try number(ofInput: name)
  }

  /// Checks a tensor fed to an input.
  func check(_ type: TensorType, for number: Int) throws(RunError) {
    let input = plan.graph.feeds[number]
    guard type != input.type else { return }
    throw RunError(
      type.dtype == input.type.dtype ? .wrongShape : .wrongType,
      "input '\(input.name)' is \(input.type) and was fed \(type)")
  }

  /// The error for an input that was not fed.
  func missingFeed(_ number: Int) -> RunError {
    let input = plan.graph.feeds[number]
    return RunError(.missingFeed, "input '\(input.name)' \(input.type) was not fed; give it in `feeding`")
  }

  /// A state for one run, used by nobody else until it is given back.
  func takeState() -> RunState {
    idle.withLock { $0.popLast() } ?? makeState()
  }

  /// The bytes of the states that nobody uses just now.
  var idleBytes: Int { idle.withLock { $0.reduce(0) { $0 + $1.byteCount } } }

  /// The bytes that do not change, counted once.
  var fixedBytes: Int {
    counted.withLock { counted in
      let bytes = counted ?? countedBytes()
      counted = bytes
      return bytes
    }
  }

  /// A state of its own.
  func makeState() -> RunState {
    RunState(
      program, patches, constants: plan.graph.constants, scratchBytes: plan.scratchBytesPerWorker)
  }

  /// Takes a state back.
  func give(_ state: RunState) {
    state.unbind()
    idle.withLock { if $0.count < Executable.idleLimit { $0.append(state) } }
  }

  /// The bytes allocated for the scratch memory of the states that nobody uses.
  var idleScratchBytes: Int { idle.withLock { $0.reduce(0) { $0 + $1.scratchByteCount } } }

  /// The error that a failed run ends in.
  func runError(_ failure: RunFailure) -> RunError {
    switch failure.code {
    case .cancelled:
      return RunError(
        .cancelled, "the run was cancelled before its first assignment; no state was changed",
        report: failure.report)
    case .deadlineExceeded:
      return RunError(
        .deadlineExceeded,
        "the run's deadline passed before its first assignment; no state was changed; allow more time",
        report: failure.report)
    case .shutDown:
      return RunError(
        .shutDown, "the executor was shut down; run on another", report: failure.report)
    case .forked:
      return RunError(.forked, failure.description, report: failure.report)
    case .nestingTooDeep:
      return RunError(.nestingTooDeep, failure.description, report: failure.report)
    case .taskFailed: break
    }
    guard let fault = failure.underlying as? KernelFault else {
      return RunError(.taskFailed, failure.description, report: failure.report)
    }
    let step = plan.graph.steps[Int(plan.units.step[fault.unit])]
    let subject = "\(step.applied?.name ?? "") '\(step.name)'"
    let code: RunError.Code
    let message: String
    switch fault.status.code {
    case .notFinite:
      code = .notFinite
      let checked = step.inputs.map { "'\(plan.graph.steps[plan.graph.values[$0].step].name)'" }
      message =
        "\(subject): \(checked.joined(separator: ", ")) is NaN or infinite; no state was changed; lower the learning "
        + "rate, clip gradients or look for a division by zero"
    case .indexOutOfRange:
      code = .indexOutOfRange
      message =
        "\(subject): index \(fault.status.detail) lies outside the axis it indexes; check the indices fed"
    case .divisionByZero:
      code = .divisionByZero
      let type = plan.graph.values[step.inputs[1]].type
      let position = type.shape.position(of: fault.status.detail)
      message =
        "\(subject): the divisor \(type) is 0 at \(position); no state was changed; check the divisors, or replace "
        + "zeros with select"
    case .libraryFailure, .success:
      code = .taskFailed
      message = "\(subject): the library's call failed with error \(fault.status.detail)"
    }
    return RunError(code, message, operatorName: step.name, source: step.source, report: failure.report)
  }
}

extension Value {
  /// The name of the input that the value is; nil when it is computed, a state or a constant.
  var inputName: String? {
    guard !isPoisoned else { return nil }
    return builder.contents.withLock { contents in
      if case .input(let name) = contents.nodes[id.node].kind { name } else { nil }
    }
  }
}
