internal import TributaryOps

/// Turns a ``Graph`` into a ``StepGraph``: prunes, resolves views, and settles states and fetches.
///
/// **States.** An update operator that may overwrite the state it reads, and whose outputs nothing else needs, writes
/// straight into the store, after every other reader of the old value. Any other assignment is computed elsewhere
/// and copied in. A new value that is itself the old value of another assigned state is set aside first, so
/// that two states can be exchanged.
///
/// **Fetches.** A value computed in this run and fetched once is computed in the tensor handed back; states, feeds,
/// constants and views are copied there. A state's value before the step is copied before the step.
struct StepGraphBuilder {
  let graph: Graph
  /// The number of the first output of each node.
  var firstValue: [Int] = []
  var nodeOf: [Int] = []
  var root: [Int] = []
  var byteOffset: [Int] = []
  var home: [StepGraph.Home] = []
  var isView: [Bool] = []
  /// The types at each node.
  var signatures: [Signature] = []
  var isLive: [Bool] = []
  /// For each value of the graph, how many live nodes read it.
  private var readerCount: [Int] = []
  /// For each state, its node and the live nodes that read it or a view of it.
  var stateNode: [Int?] = []
  private var stateReaders: [[Int]] = []
  /// The place of each node in the sequential order; later for steps that wait for the readers of a state.
  private(set) var position: [Int] = []
  /// Whether each node writes straight into the store.
  private(set) var isSink: [Bool] = []
  private(set) var copies: [Copy] = []
  /// The values that the copies make, following the graph's own.
  var copyTypes: [TensorType] = []
  /// The position of the last step that may fault; assignments come later.
  private var lastFault = -1

  /// A copy of a value into another place.
  struct Copy {
    /// After which node it comes.
    var position: Int
    var rank: Rank
    /// The value copied; below 0 for a state that no node reads.
    var source: Int
    /// The value that the copy makes.
    var target: Int
    var home: StepGraph.Home
    var name: String
    var origin: String
  }

  /// The order of what has one position.
  enum Rank: Int, CaseIterable { case node, early, sink, assignment, late }

  private init(_ graph: Graph) { self.graph = graph }

  /// The step graph of a graph.
  static func build(_ graph: Graph) -> StepGraph {
    var builder = StepGraphBuilder(graph)
    builder.resolveValues()
    builder.markLive()
    builder.countReaders()
    builder.hoist()
    let newValues = builder.settleAssignments()
    let fetches = builder.settleFetches(newValues)
    return builder.emit(newValues, fetches)
  }

  func value(_ id: ValueID) -> Int { firstValue[id.node] + id.output }

  private func type(of value: Int) -> TensorType {
    if value >= nodeOf.count { return copyTypes[value - nodeOf.count] }
    let node = nodeOf[value]
    return graph.nodes[node].outputs[value - firstValue[node]]
  }

  private mutating func resolveValues() {
    position = Array(graph.nodes.indices)
    isView = Array(repeating: false, count: graph.nodes.count)
    stateNode = Array(repeating: nil, count: graph.states.count)
    firstValue.reserveCapacity(graph.nodes.count)
    signatures.reserveCapacity(graph.nodes.count)
    nodeOf.reserveCapacity(graph.nodes.count)
    root.reserveCapacity(graph.nodes.count)
    byteOffset.reserveCapacity(graph.nodes.count)
    home.reserveCapacity(graph.nodes.count)
    for index in graph.nodes.indices {
      firstValue.append(nodeOf.count)
      signatures.append(
        Signature(
          inputs: graph.nodes[index].inputs.map { graph.type(of: $0) }, outputs: graph.nodes[index].outputs))
      for output in graph.nodes[index].outputs.indices {
        let number = nodeOf.count
        nodeOf.append(index)
        root.append(number)
        byteOffset.append(0)
        home.append(.arena)
        if output > 0 { continue }
        switch graph.nodes[index].kind {
        case .state(let state):
          stateNode[state] = index
          home[number] = .state(state)
        case .input, .constant: home[number] = .feed(-1)
        case .apply(let applied):
          guard graph.nodes[index].outputs.count == 1,
            let offset = applied.viewOffset(signatures[index])
          else { break }
          let input = value(graph.nodes[index].inputs[0])
          isView[index] = true
          root[number] = root[input]
          byteOffset[number] = byteOffset[input] + offset * graph.nodes[index].outputs[0].dtype.byteCount
          home[number] = home[root[input]]
        }
      }
    }
  }

  private mutating func markLive() {
    isLive = Array(repeating: false, count: graph.nodes.count)
    for fetch in graph.fetches {
      switch fetch {
      case .value(let id): isLive[id.node] = true
      case .stateAfter: break
      }
    }
    for assignment in graph.assignments { isLive[assignment.value.node] = true }
    for index in graph.nodes.indices.reversed() {
      if graph.nodes[index].guardsAssignments { isLive[index] = true }
      if isLive[index] { for input in graph.nodes[index].inputs { isLive[input.node] = true } }
    }
  }

  private mutating func countReaders() {
    readerCount = Array(repeating: 0, count: nodeOf.count)
    stateReaders = Array(repeating: [], count: graph.states.count)
    for index in graph.nodes.indices where isLive[index] {
      if graph.nodes[index].appliedOperator?.canFault == true { lastFault = index }
      for input in graph.nodes[index].inputs {
        readerCount[value(input)] += 1
        if case .state(let state) = home[root[value(input)]], !isView[index],
          stateReaders[state].last != index
        {
          stateReaders[state].append(index)
        }
      }
    }
    // What is copied from a state before the step reads it too, where the copied value stands.
    let copied: [ValueID] =
      graph.fetches.compactMap { if case .value(let id) = $0 { id } else { nil } }
      + graph.assignments.map(\.value)
    for id in copied {
      if case .state(let state) = home[root[value(id)]] { stateReaders[state].append(id.node) }
    }
  }

  /// Puts first what waits for no feed and is small: sources, and numbers such as a scheduled learning rate, which are
  /// declared late and would hold up every update.
  private mutating func hoist() {
    for index in graph.nodes.indices {
      switch graph.nodes[index].kind {
      case .input: continue
      case .constant, .state: break
      case .apply(let applied):
        guard graph.nodes[index].inputs.allSatisfy({ position[$0.node] < 0 }),
          graph.nodes[index].outputs.allSatisfy({ $0.elementCount <= 16 }), !applied.canFault
        else { continue }
      }
      position[index] = -1
    }
  }

  /// Decides how every assignment is carried out; the value that ends in each assigned state.
  private mutating func settleAssignments() -> [Int?] {
    var newValues = [Int?](repeating: nil, count: graph.states.count)
    isSink = Array(repeating: false, count: graph.nodes.count)
    let assigned = Set(graph.assignments.map(\.state))
    var inPlace: [Int] = []
    for assignment in graph.assignments where writesInPlace(assignment) {
      newValues[assignment.state] = value(assignment.value)
      home[value(assignment.value)] = .state(assignment.state)
      if isSink[assignment.value.node] { continue }
      isSink[assignment.value.node] = true
      inPlace.append(assignment.value.node)
    }
    // A sink follows what it reads and the other readers of what it overwrites, at once: its gradient need not wait.
    for node in inPlace.sorted() {
      position[node] = graph.nodes[node].inputs.reduce(lastFault) { max($0, position[$1.node]) }
      for output in graph.nodes[node].outputs.indices {
        guard case .state(let state) = home[firstValue[node] + output] else { continue }
        for reader in stateReaders[state] where reader != node {
          position[node] = max(position[node], position[reader])
        }
      }
    }
    for assignment in graph.assignments where newValues[assignment.state] == nil {
      copyIn(assignment, assigned: assigned, newValues: &newValues)
    }
    return newValues
  }

  /// Whether an assignment's producer may compute straight into the store.
  private func writesInPlace(_ assignment: Assignment) -> Bool {
    let index = assignment.value.node
    guard let applied = graph.nodes[index].appliedOperator, !applied.canFault, !isView[index] else {
      return false
    }
    let own = value(assignment.value)
    guard home[own] == .arena else { return false }
    for output in graph.nodes[index].outputs.indices where readerCount[firstValue[index] + output] > 0 {
      return false
    }
    var overwrites = false
    for (position, input) in graph.nodes[index].inputs.enumerated()
    where home[root[value(input)]] == .state(assignment.state) {
      guard byteOffset[value(input)] == 0,
        applied.mayOverwrite(input: position, withOutput: assignment.value.output, signatures[index])
      else { return false }
      overwrites = true
    }
    // Readers must come before; a later one might in turn overwrite what this node reads.
    return overwrites && stateReaders[assignment.state].allSatisfy { $0 <= index }
  }

  private mutating func copyIn(_ assignment: Assignment, assigned: Set<Int>, newValues: inout [Int?]) {
    let state = assignment.state
    var source = value(assignment.value)
    let name = "assign/\(graph.states[state].name)"
    let origin = graph.nodes[assignment.value.node].source
    if source == root[source], case .state(state) = home[source], newValues[state] == nil { return }
    var after = position[assignment.value.node]
    if case .state(let other) = home[root[source]], nodeOf[root[source]] == stateNode[other],
      assigned.contains(other)
    {
      source = copy(
        source, at: position[assignment.value.node], .early, into: .arena, name: name, origin: origin)
    }
    for reader in stateReaders[state] { after = max(after, position[reader]) }
    newValues[state] = copy(
      source, at: max(after, lastFault), .assignment, into: .state(state), name: name, origin: origin)
  }

  private mutating func copy(
    _ source: Int, at position: Int, _ rank: Rank, into home: StepGraph.Home, name: String, origin: String
  ) -> Int {
    let target = nodeOf.count + copyTypes.count
    copyTypes.append(type(of: source))
    copies.append(
      Copy(
        position: position, rank: rank, source: source, target: target, home: home, name: name,
        origin: origin))
    return target
  }

  /// Gives every fetch a tensor; the types of the tensors and the tensor of each fetch.
  private mutating func settleFetches(_ newValues: [Int?]) -> (types: [TensorType], index: [Int]) {
    var types: [TensorType] = []
    var seen: [Fetch: Int] = [:]
    let index = graph.fetches.map { fetch in
      if let known = seen[fetch] { return known }
      let number = types.count
      seen[fetch] = number
      switch fetch {
      case .value(let id):
        let source = value(id)
        types.append(type(of: source))
        if root[source] == source, home[source] == .arena {
          home[source] = .fetch(number)
        } else {
          let isSink = newValues.contains(source)
          _ = copy(
            source, at: position[id.node], isSink ? .late : .early, into: .fetch(number),
            name: "fetch/\(graph.nodes[id.node].name)", origin: graph.nodes[id.node].source)
        }
      case .stateAfter(let state):
        types.append(graph.states[state].type)
        let name = "fetch/\(graph.states[state].name)"
        let source = newValues[state] ?? -1 - state
        let after = copies.last { $0.target == source }?.position
        let position =
          after ?? (source >= 0 ? self.position[nodeOf[source]] : -1)
        copies.append(
          Copy(
            position: position, rank: source >= 0 ? .late : .early, source: source,
            target: nodeOf.count + copyTypes.count, home: .fetch(number), name: name, origin: ""))
        copyTypes.append(graph.states[state].type)
      }
      return number
    }
    return (types, index)
  }
}
