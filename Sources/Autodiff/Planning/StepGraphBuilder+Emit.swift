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
      let node = graph.nodes[index]
      switch node.kind {
      case .input(let name):
        number[firstValue[index]] = addSource(
          .feed(result.feeds.count), node.outputs[0], node.name, node.source)
        result.feeds.append((name, node.outputs[0]))
      case .constant(let tensor):
        number[firstValue[index]] = addSource(
          .constant(result.constants.count), node.outputs[0], node.name, node.source)
        result.constants.append(tensor)
      case .state(let state):
        let value = addSource(.state(state), node.outputs[0], node.name, node.source)
        number[firstValue[index]] = value
        result.oldValues[state] = value
      case .apply:
        guard let (applied, inputs) = node.application else { continue }
        let read = inputs.map { number[value($0)] }
        let awaitsMore = inputs.count < node.inputs.count
        let first = result.values.count
        for output in node.outputs.indices {
          let old = firstValue[index] + output
          let value = result.values.count
          number[old] = value
          let rootValue = isView[index] ? number[root[old]] : value
          result.values.append(
            StepGraph.Value(
              type: node.outputs[output], step: result.steps.count, output: output, root: rootValue,
              byteOffset: byteOffset[old],
              home: isView[index] ? result.values[rootValue].home : home[old]))
        }
        result.steps.append(
          StepGraph.Step(
            applied: applied, isView: isView[index],
            signature: Signature(inputs: read.map { result.values[$0].type }, outputs: node.outputs),
            inputs: read, awaited: awaitsMore ? node.awaited.map { number[value($0)] } : [],
            firstOutput: first,
            outputCount: node.outputs.count, name: node.name, source: node.source))
      }
    }
    result.newValues = newValues.map { $0.map { number[$0] } }
    return result
  }
}
