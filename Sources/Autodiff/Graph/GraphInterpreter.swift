public import TributaryOps

/// Evaluates a graph node by node on the calling thread, without plan, shards, shared memory or scheduler: the
/// reference that planned runs are compared with.
///
/// Every value is a tensor of its own and lives until the end. Blocks the caller; safe to use from any thread.
public struct GraphInterpreter: Sendable {
  /// The graph.
  public let graph: Graph

  /// An interpreter of a graph.
  public init(_ graph: Graph) { self.graph = graph }

  /// What a step leaves behind.
  public struct Outcome: Sendable {
    /// The fetched values, in the graph's order.
    public let fetches: [Tensor]

    /// The states after the step, by name: the new values of those assigned, the old ones of others.
    public let states: [String: Tensor]
  }

  /// Evaluates every node once.
  ///
  /// - Parameters:
  ///   - feeds: The inputs by name; names that the graph does not have are ignored.
  ///   - states: The states before the step by name.
  /// - Throws: ``InterpreterError`` where a tensor is missing, has another type, or an operator refuses its values.
  public func run(feeding feeds: [String: Tensor] = [:], states: [String: Tensor] = [:])
    throws(InterpreterError)
    -> Outcome
  {
    var before: [Tensor?] = []
    for state in graph.states { before.append(states[state.name]) }
    var values: [[Tensor]] = []
    values.reserveCapacity(graph.nodes.count)
    for node in graph.nodes {
      switch node.kind {
      case .constant(let tensor): values.append([tensor])
      case .input(let name): values.append([try checked(feeds[name], node.outputs[0], "input '\(name)'")])
      case .state(let index):
        values.append([try checked(before[index], node.outputs[0], "state '\(graph.states[index].name)'")])
      case .apply(let applied):
        do {
          values.append(try applied.evaluate(on: node.inputs.map { values[$0.node][$0.output] }))
        } catch {
          throw InterpreterError(
            .fault, "\(node.name)\(node.source.isEmpty ? "" : " (\(node.source))"): \(error)")
        }
      }
    }
    var after = before
    for assignment in graph.assignments {
      after[assignment.state] = values[assignment.value.node][assignment.value.output]
    }
    var fetched: [Tensor] = []
    for fetch in graph.fetches {
      switch fetch {
      case .value(let id): fetched.append(values[id.node][id.output])
      case .stateAfter(let index):
        fetched.append(
          try checked(after[index], graph.states[index].type, "state '\(graph.states[index].name)'"))
      }
    }
    var result: [String: Tensor] = [:]
    for (state, tensor) in zip(graph.states, after) { result[state.name] = tensor }
    return Outcome(fetches: fetched, states: result)
  }

  private func checked(_ tensor: Tensor?, _ type: TensorType, _ what: String) throws(InterpreterError)
    -> Tensor
  {
    guard let tensor else { throw InterpreterError(.missing, "\(what) \(type) was not given") }
    guard tensor.type == type else {
      throw InterpreterError(.wrongType, "\(what) is \(type); \(tensor.type) was given")
    }
    return tensor
  }
}

/// Why a graph could not be evaluated.
public struct InterpreterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of reason.
  public struct Code: Hashable, Sendable {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// A feed or a state was not given.
    public static let missing = Code("missing")
    /// A feed or a state has another type.
    public static let wrongType = Code("wrongType")
    /// An operator refused its values.
    public static let fault = Code("fault")
  }

  /// The kind of reason.
  public let code: Code

  /// The reason, in a sentence.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
