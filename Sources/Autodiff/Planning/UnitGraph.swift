internal import TributaryOps

/// The shards of all steps as nodes of a graph: what must precede what, before any is joined into a task.
///
/// Units are numbered in sequential order and every edge leads forward. A shard waits for the shards that write what
/// it reads (by overlap of regions), a shard that writes a state waits for the readers of the old value, and one
/// empty unit, the gate, stands between everything that may fault and everything that writes a state.
struct UnitGraph: Sendable {
  /// The step of each unit; -1 for the gate.
  private(set) var step: [Int32] = []
  /// The number of the region of the step's first output in `regions`; -1 for all of it.
  private var regionNumber: [Int32] = []
  /// The regions of units that are not whole steps: few, and larger than all else that is kept of a unit.
  private(set) var regions: [Region] = []
  /// Seconds by the cost model.
  private(set) var seconds: [Double] = []
  /// The units of each step.
  private(set) var units: [Range<Int>]
  /// Predecessors in compressed rows.
  private(set) var firstPredecessor: [Int] = [0]
  /// Predecessors of all units.
  private(set) var predecessors: [Int32] = []

  /// The number of units.
  var count: Int { step.count }

  /// The predecessors of a unit.
  func predecessors(of unit: Int) -> ArraySlice<Int32> {
    predecessors[firstPredecessor[unit]..<firstPredecessor[unit + 1]]
  }

  private let graph: StepGraph
  /// The last unit that was given an edge from each unit, so that edges are not doubled.
  private var stamp: [Int] = []
  private var gate: Int?

  /// The units of a graph with its cuts. O(units + edges).
  init(_ graph: StepGraph, _ shards: ShardPlan) {
    self.graph = graph
    units = Array(repeating: 0..<0, count: graph.steps.count)
    reserve(shards.regions.reduce(0) { $0 + max($1.count, 1) } + 1)
    let readers = UnitGraph.stateReaders(graph)
    let faulting = graph.steps.indices.filter { graph.steps[$0].applied?.canFault == true }
    for index in graph.steps.indices where graph.computes(index) {
      let assigns = graph.assigns(index)
      if assigns, gate == nil, !faulting.isEmpty {
        gate = addUnit(step: -1, region: nil, seconds: 0)
        for fault in faulting { for unit in units[fault] { addEdge(unit) } }
        close()
      }
      let signature = graph.signature(of: index)
      let whole = Double(max(signature.outputs[0].elementCount, 1))
      let first = count
      let regions: [Region?] = shards.regions[index].isEmpty ? [nil] : shards.regions[index]
      for region in regions {
        let share = region.map { Double($0.elementCount) / whole } ?? 1
        addUnit(
          step: index, region: region, seconds: max(shards.seconds[index] * share, CostModel.callSeconds))
        addReads(index, region, signature)
        for value in graph.steps[index].awaited {
          for unit in units[graph.values[graph.values[value].root].step] { addEdge(unit) }
        }
        if assigns {
          addOverwrites(index, region, signature, readers)
          if let gate { addEdge(gate) }
        }
        close()
      }
      units[index] = first..<count
    }
  }

  /// The region of the step's first output that a unit writes; nil for all of it.
  func region(of unit: Int) -> Region? { regionNumber[unit] < 0 ? nil : regions[Int(regionNumber[unit])] }

  /// The region of an input that a unit reads.
  func inputRegion(_ unit: Int, _ input: Int) -> Region {
    let signature = graph.signature(of: Int(step[unit]))
    return graph.steps[Int(step[unit])].applied!.inputRegion(
      input, for: region(of: unit) ?? Region(whole: signature.outputs[0].shape), signature)
  }

  /// The region of an output that a unit writes.
  func outputRegion(_ unit: Int, _ output: Int) -> Region {
    let step = Int(step[unit])
    guard let region = region(of: unit) else {
      return Region(whole: graph.values[graph.steps[step].firstOutput + output].type.shape)
    }
    if output == 0 { return region }
    return graph.steps[step].applied!.outputRegion(output, for: region, graph.signature(of: step))
  }

  /// The steps that read each state's old value, with the input read.
  private static func stateReaders(_ graph: StepGraph) -> [[(step: Int, input: Int)]] {
    var result = [[(step: Int, input: Int)]](repeating: [], count: graph.states.count)
    guard graph.newValues.contains(where: { $0 != nil }) else { return result }
    for index in graph.steps.indices where !graph.steps[index].isView {
      for (input, value) in graph.steps[index].inputs.enumerated() {
        let root = graph.values[value].root
        if case .state(let state) = graph.values[root].home, graph.oldValues[state] == root,
          graph.newValues[state] != nil
        {
          result[state].append((index, input))
        }
      }
    }
    return result
  }

  private mutating func reserve(_ count: Int) {
    step.reserveCapacity(count)
    regionNumber.reserveCapacity(count)
    seconds.reserveCapacity(count)
    stamp.reserveCapacity(count)
    firstPredecessor.reserveCapacity(count + 1)
    predecessors.reserveCapacity(2 * count)
  }

  @discardableResult
  private mutating func addUnit(step: Int, region: Region?, seconds: Double) -> Int {
    self.step.append(Int32(step))
    regionNumber.append(region == nil ? -1 : Int32(regions.count))
    if let region { regions.append(region) }
    self.seconds.append(seconds)
    stamp.append(-1)
    return count - 1
  }

  private mutating func addEdge(_ predecessor: Int) {
    guard stamp[predecessor] != count else { return }
    stamp[predecessor] = count
    predecessors.append(Int32(predecessor))
  }

  private mutating func close() { firstPredecessor.append(predecessors.count) }

  /// Edges from the writers of what the newest unit reads.
  private mutating func addReads(_ index: Int, _ region: Region?, _ signature: Signature) {
    for (input, value) in graph.steps[index].inputs.enumerated() {
      let root = graph.values[value].root
      let producer = units[graph.values[root].step]
      if producer.count <= 1 {
        if let only = producer.first { addEdge(only) }
        continue
      }
      let read = graph.steps[index].applied!.inputRegion(
        input, for: region ?? Region(whole: signature.outputs[0].shape), signature)
      for unit in producer
      where graph.overlap(root, outputRegion(unit, graph.values[root].output), value, read) {
        addEdge(unit)
      }
    }
  }

  /// Edges from the other readers of the states that the newest unit overwrites.
  private mutating func addOverwrites(
    _ index: Int, _ region: Region?, _ signature: Signature, _ readers: [[(step: Int, input: Int)]]
  ) {
    for (output, number) in graph.outputs(of: index).enumerated() {
      guard case .state(let state) = graph.values[number].home, graph.oldValues[state] != nil
      else { continue }
      let whole = Region(whole: signature.outputs[0].shape)
      let written =
        output == 0
        ? region ?? whole
        : graph.steps[index].applied!.outputRegion(output, for: region ?? whole, signature)
      for reader in readers[state] where reader.step != index {
        let value = graph.steps[reader.step].inputs[reader.input]
        for unit in units[reader.step] {
          let isWhole = units[reader.step].count == 1 && units[index].count == 1
          if isWhole
            || graph.overlap(number, written, value, inputRegion(unit, reader.input))
          {
            addEdge(unit)
          }
        }
      }
    }
  }
}
