internal import Synchronization
internal import TributaryOps
internal import TributaryScheduler

/// A loop body or a branch: a graph with a plan of its own, which the pool runs inside a kernel of the graph around it.
final class BodyPlan: Sendable {
  /// The graph as it was built, for derivatives.
  let graph: Graph
  /// The types of the inputs, in the order of their names.
  let inputTypes: [TensorType]
  /// The types of the outputs.
  let outputTypes: [TensorType]
  /// The work of one run.
  let cost: Cost
  /// Whether a kernel of the body may end with a fault.
  let canFault: Bool

  private let inputNames: [String]
  private let executable: Executable
  /// The plan's number of each input; nil for those that the plan does not read.
  private let feedNumbers: [Int?]
  /// Outputs that are the same value as an earlier one.
  private let copies: [(from: Int, to: Int)]

  /// Plans what a builder has made.
  /// - Throws: `GraphError` with the mistakes made while building, and where the body declares inputs or states.
  init(_ builder: GraphBuilder, inputs: [(name: String, type: TensorType)], outputs: [Value])
    throws(GraphError)
  {
    let outputs = outputs.map(builder.adopted)
    // What has been adopted is an input too; nothing else is.
    let captures = builder.contents.withLock { $0.captures.map(\.inner.type) }
    let inputs = inputs + captures.enumerated().map { (GraphBuilder.capturedName($0), $1) }
    graph = try builder.graph(fetching: outputs)
    inputNames = inputs.map(\.name)
    inputTypes = inputs.map(\.type)
    outputTypes = outputs.map(\.type)
    try BodyPlan.check(graph, names: Set(inputNames))
    executable = try Executable(graph: graph.simplified(by: .fromEnvironment()))
    let numbers = Dictionary(
      executable.plan.graph.feeds.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    feedNumbers = inputNames.map { numbers[$0] }
    let fetchIndex = executable.plan.graph.fetchIndex
    copies = fetchIndex.indices.compactMap { output in
      fetchIndex.firstIndex(of: fetchIndex[output]).flatMap { $0 < output ? ($0, output) : nil }
    }
    let graph = graph
    cost = graph.nodes.reduce(Cost(flops: 0, bytesRead: 0, bytesWritten: 0)) { total, node in
      node.appliedOperator.map { total + $0.cost(graph.signature(of: node)) } ?? total
    }
    canFault = graph.nodes.contains { $0.appliedOperator?.canFault == true }
  }

  /// The bytes that one worker's runs of the body need besides what it is given and what it gives out.
  var memoryBytes: Int {
    let plan = executable.plan
    return plan.arenaBytes + plan.scratchBytesPerWorker + plan.constantBytes + plan.nestedBytes
  }

  /// The bytes that the body keeps between runs.
  var residentBytes: Int { executable.residentBytes }

  /// The bytes that were allocated for runs of the body, by all workers that have run it.
  var allocatedBytes: Int { executable.arenas.byteCount + executable.idleScratchBytes + executable.keptBytes }

  /// Equal for bodies that compute the same bits.
  var fingerprint: String { executable.plan.fingerprint }

  private static func check(_ graph: Graph, names: Set<String>) throws(GraphError) {
    for node in graph.nodes {
      switch node.kind {
      case .input(let name) where !names.contains(name):
        throw refusal(node, "input '\(name)'")
      case .state: throw refusal(node, "state '\(node.name)'")
      default: break
      }
    }
  }

  private static func refusal(_ node: Node, _ what: String) -> GraphError {
    GraphError([
      GraphError.Issue(
        .foreignValue, subject: "body",
        message:
          "\(what) is declared by the builder of a loop body or branch; declare it outside and use it inside",
        operands: node.outputs, source: node.source)
    ])
  }

  /// Builds the body's nodes again in another builder, with values for its inputs; the outputs.
  func replay(in builder: GraphBuilder, _ inputs: [Value]) -> [Value] {
    let given = Dictionary(uniqueKeysWithValues: zip(inputNames, inputs))
    var values: [[Value]] = []
    values.reserveCapacity(graph.nodes.count)
    for node in graph.nodes {
      switch node.kind {
      case .input(let name): values.append([given[name] ?? builder.poisoned()])
      case .constant(let tensor): values.append([builder.constant(tensor, site: .unknown)])
      case .state: values.append([builder.poisoned()])
      case .apply(let applied):
        var context = BuildContext.current
        context.source = node.source
        values.append(
          BuildContext.$current.withValue(context) {
            builder.emitAll(applied, node.inputs.map { values[$0.node][$0.output] })
          })
      }
    }
    return graph.fetches.map { fetch in
      if case .value(let id) = fetch { values[id.node][id.output] } else { builder.poisoned() }
    }
  }
}

/// One user's turn with a body plan: its pointer table, its memory, and what they point at.
struct BodyRun: ~Copyable {
  private let body: BodyPlan
  private let state: RunState
  private let arena: Arena

  fileprivate init(_ body: BodyPlan, _ state: RunState, _ arena: Arena) {
    self.body = body
    self.state = state
    self.arena = arena
    state.use(arena)
    state.provideScratch(workers: GraphExecutor.workersWithin)
    state.note(nil as ParameterStore?, .reading)
  }

  deinit { body.end(state, arena) }

  /// Points an input at the bytes of a value.
  func feed(_ input: Int, _ address: UnsafeRawPointer) { body.feed(state, input, address) }

  /// Runs the body; the outputs are written to the addresses given, one an output.
  func run(into outputs: UnsafePointer<UnsafeMutableRawPointer>) -> KernelStatus {
    body.run(state, into: outputs)
  }
}

extension BodyPlan {
  /// Borrows what runs of the body need, for one thread's use. Allocates only when nothing is idle.
  func begin() -> BodyRun {
    BodyRun(self, executable.takeState(), executable.arenas.take(byteCount: executable.plan.arenaBytes))
  }

  fileprivate func end(_ state: RunState, _ arena: Arena) {
    executable.arenas.give(arena)
    executable.give(state)
  }

  fileprivate func feed(_ state: RunState, _ input: Int, _ address: UnsafeRawPointer) {
    if let number = feedNumbers[input] { state.feed(number, address) }
  }

  fileprivate func run(_ state: RunState, into outputs: UnsafePointer<UnsafeMutableRawPointer>)
    -> KernelStatus
  {
    let fetchIndex = executable.plan.graph.fetchIndex
    // From the last to the first, so that of equal outputs the first one is computed.
    for output in fetchIndex.indices.reversed() { state.fetch(fetchIndex[output], outputs[output]) }
    do throws(RunFailure) {
      try GraphExecutor.runWithin(executable.taskGraph, argument: UnsafeMutableRawPointer(state.header))
    } catch {
      if let fault = error.underlying as? KernelFault { return fault.status }
      return KernelStatus(.libraryFailure)
    }
    for copy in copies {
      outputs[copy.to].copyMemory(from: outputs[copy.from], byteCount: outputTypes[copy.to].byteCount)
    }
    return .success
  }
}

extension BodyPlan {
  /// Checks what a loop over the body is given: values of the body's inputs, those in `sliced` stacked.
  func check(
    _ inputs: [TensorType], sliced: Range<Int>, length: Int, _ name: String
  ) throws(ShapeError) {
    guard inputs.count == inputTypes.count else {
      throw ShapeError(.arity, "\(name) takes \(inputTypes.count) inputs; \(inputs.count) were given")
    }
    for (position, (given, wanted)) in zip(inputs, inputTypes).enumerated() {
      let expected = sliced.contains(position) ? wanted.stacked(length) : wanted
      guard given == expected else {
        throw ShapeError(.dimension, "\(name): input \(position) is \(given) and must be \(expected)")
      }
    }
  }
}

extension BodyPlan {
  /// Where the body's first so many inputs lie in scratch memory, from an offset on, and where they end; each begins 64-byte aligned.
  func offsets(ofFirst count: Int, from start: Int = 0) -> (each: [Int], end: Int) {
    var each: [Int] = []
    var end = start
    for type in inputTypes.prefix(count) {
      each.append(end)
      end += type.alignedByteCount
    }
    return (each, end)
  }
}

extension TensorType {
  /// So many tensors of this type along a new leading axis.
  func stacked(_ length: Int) -> TensorType { TensorType(dtype, Shape([length] + shape.dimensions)) }
}

extension Cost {
  /// The work of one and then the other.
  static func + (a: Cost, b: Cost) -> Cost {
    Cost(
      flops: a.flops + b.flops, bytesRead: a.bytesRead + b.bytesRead,
      bytesWritten: a.bytesWritten + b.bytesWritten)
  }

  /// The work of doing it so often.
  func repeated(_ count: Int) -> Cost {
    Cost(
      flops: flops * Double(count), bytesRead: bytesRead * Double(count),
      bytesWritten: bytesWritten * Double(count))
  }
}
