internal import TributaryOps

extension StepGraphBuilder {
  /// Puts everything in order and renumbers.
  func emit(_ newValues: [Int?], _ fetches: (types: [TensorType], index: [Int])) -> StepGraph {
    var result = StepGraph()
    result.states = graph.states
    result.fetched = fetches.types
    result.fetchIndex = fetches.index
    result.oldValues = Array(repeating: nil, count: graph.states.count)
    result.steps.reserveCapacity(items.count)
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
    for item in items where item.source < 0 {
      let state = -1 - item.source
      guard result.oldValues[state] == nil, stateNode[state].map({ isLive[$0] }) != true else { continue }
      let descriptor = graph.states[state]
      result.oldValues[state] = addSource(.state(state), descriptor.type, descriptor.name, "")
    }
    let order = items.indices.sorted {
      (items[$0].position, items[$0].rank.rawValue, $0) < (items[$1].position, items[$1].rank.rawValue, $1)
    }
    for place in order {
      guard let index = items[place].node else {
        let item = items[place]
        let source = item.source < 0 ? result.oldValues[-1 - item.source]! : number[item.source]
        let value = result.values.count
        let type = result.values[source].type
        number[item.target] = value
        result.values.append(
          StepGraph.Value(
            type: type, step: result.steps.count, output: 0, root: value, byteOffset: 0,
            home: item.home))
        result.steps.append(
          StepGraph.Step(
            applied: CopyValue(), isView: false, signature: Signature(inputs: [type], outputs: [type]),
            inputs: [source], firstOutput: value, outputCount: 1, name: item.name, source: item.origin))
        continue
      }
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
}
