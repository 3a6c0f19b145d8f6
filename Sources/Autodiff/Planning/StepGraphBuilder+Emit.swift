internal import TributaryOps

extension StepGraphBuilder {
  /// Puts everything in order and renumbers.
  func emit(_ newValues: [Int?], _ fetches: (types: [TensorType], index: [Int])) -> StepGraph {
    var result = StepGraph()
    result.states = graph.states
    result.fetched = fetches.types
    result.fetchIndex = fetches.index
    result.oldValues = Array(repeating: nil, count: graph.states.count)
    result.steps.reserveCapacity(graph.nodes.count + copies.count)
    result.values.reserveCapacity(nodeOf.count + copyTypes.count)
    var number = [Int](repeating: -1, count: nodeOf.count + copyTypes.count)

    func addSource(_ home: StepGraph.Home, _ type: TensorType, _ name: String, _ source: String) -> Int {
      let signature = Signature(inputs: [], outputs: [type])
      let value = result.values.count
      result.values.append(
        StepGraph.Value(
          type: type, step: result.steps.count, output: 0, root: value, byteOffset: 0, home: home))
      result.steps.append(
        StepGraph.Step(
          applied: nil, isView: false, signature: signature, inputs: [], firstOutput: value, outputCount: 1,
          name: name, source: source))
      return value
    }
    func addSource(_ home: StepGraph.Home, node: Int) -> Int {
      addSource(home, signatures[node].outputs[0], graph.nodes[node].name, graph.nodes[node].source)
    }
    var isAwaiting = OperatorTypeMemo.awaiting
    func addStep(node: Int) {
      guard let (applied, inputs) = graph.nodes[node].application(&isAwaiting) else { return }
      let read = inputs.map { number[value($0)] }
      var signature = signatures[node]
      var awaited: [Int] = []
      if read.count < signature.inputs.count {
        signature = Signature(inputs: Array(signature.inputs[..<read.count]), outputs: signature.outputs)
        awaited = graph.nodes[node].awaited.map { number[value($0)] }
      }
      let first = result.values.count
      for (output, type) in signature.outputs.enumerated() {
        let old = firstValue[node] + output
        let value = result.values.count
        number[old] = value
        let rootValue = isView[node] ? number[root[old]] : value
        result.values.append(
          StepGraph.Value(
            type: type, step: result.steps.count, output: output, root: rootValue,
            byteOffset: byteOffset[old],
            home: isView[node] ? result.values[rootValue].home : home[old]))
      }
      result.steps.append(
        StepGraph.Step(
          applied: applied, isView: isView[node], signature: signature, inputs: read, awaited: awaited,
          firstOutput: first, outputCount: signature.outputs.count, name: graph.nodes[node].name,
          source: graph.nodes[node].source))
    }
    // States that no node reads and a fetch still asks for.
    for copy in copies where copy.source < 0 {
      let state = -1 - copy.source
      guard result.oldValues[state] == nil, stateNode[state].map({ isLive[$0] }) != true else { continue }
      let descriptor = graph.states[state]
      result.oldValues[state] = addSource(.state(state), descriptor.type, descriptor.name, "")
    }
    for place in sequence() {
      guard place >= 0 else {
        let copy = copies[Int(-1 - place)]
        let source = copy.source < 0 ? result.oldValues[-1 - copy.source]! : number[copy.source]
        let value = result.values.count
        let type = result.values[source].type
        number[copy.target] = value
        result.values.append(
          StepGraph.Value(
            type: type, step: result.steps.count, output: 0, root: value, byteOffset: 0,
            home: copy.home))
        result.steps.append(
          StepGraph.Step(
            applied: CopyValue(), isView: false, signature: Signature(inputs: [type], outputs: [type]),
            inputs: [source], firstOutput: value, outputCount: 1, name: copy.name, source: copy.origin))
        continue
      }
      let index = Int(place)
      switch graph.nodes[index].kind {
      case .input(let name):
        number[firstValue[index]] = addSource(.feed(result.feeds.count), node: index)
        result.feeds.append((name, signatures[index].outputs[0]))
      case .constant(let tensor):
        number[firstValue[index]] = addSource(.constant(result.constants.count), node: index)
        result.constants.append(tensor)
      case .state(let state):
        let value = addSource(.state(state), node: index)
        number[firstValue[index]] = value
        result.oldValues[state] = value
      case .apply: addStep(node: index)
      }
    }
    result.newValues = newValues.map { $0.map { number[$0] } }
    return result
  }
  /// The live nodes and the copies by position, then by rank, then in their own order; a copy is −1 − its number. A counting sort.
  private func sequence() -> [Int32] {
    func key(_ position: Int, _ rank: Rank) -> Int { (position + 1) * Rank.allCases.count + rank.rawValue }
    func key(ofNode node: Int) -> Int { key(position[node], isSink[node] ? .sink : .node) }
    var next = [Int32](repeating: 0, count: key(graph.nodes.count, .node) + 1)
    for node in graph.nodes.indices where isLive[node] { next[key(ofNode: node) + 1] += 1 }
    for copy in copies { next[key(copy.position, copy.rank) + 1] += 1 }
    for key in 1..<next.count { next[key] += next[key - 1] }
    var sequence = [Int32](repeating: 0, count: Int(next[next.count - 1]))
    func put(_ item: Int, at key: Int) {
      sequence[Int(next[key])] = Int32(item)
      next[key] += 1
    }
    for node in graph.nodes.indices where isLive[node] { put(node, at: key(ofNode: node)) }
    for (number, copy) in copies.enumerated() { put(-1 - number, at: key(copy.position, copy.rank)) }
    return sequence
  }
}
