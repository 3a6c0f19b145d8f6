internal import TributaryOps

/// When the bytes of values are in use in the reference schedule, and which values are written over their inputs.
///
/// A buffer is a run of bytes for one value or for several that overwrite each other in turn. A step overwrites an
/// input in place when its operator allows it and when in the reference schedule every other reader of these bytes has
/// ended before it starts; where the graph does not say so already, this order becomes an edge.
struct Liveness: Sendable {
  /// The bytes of one value, or of a chain of values each written over the last.
  struct Buffer: Sendable {
    /// The number of bytes.
    var byteCount: Int
    /// The first value's number; for reports.
    var value: Int
    /// The start of the first task that touches it.
    var start: Double
    /// The end of the last task that touches it.
    var end: Double
    /// The tasks that write the first value, each once.
    var writers: [Int32]
    /// The tasks that touch the last value: when they have ended, so has everything else.
    var touchers: [Int32]
  }

  /// An order between two tasks that keeps shared bytes apart.
  struct Edge: Hashable, Sendable {
    /// What must end.
    var before: Int32
    /// What may then start.
    var after: Int32
  }

  /// The buffers in the order of their first values.
  private(set) var buffers: [Buffer] = []
  /// The buffer of each root value in the arena; -1 for the others.
  private(set) var buffer: [Int32]
  /// The orders that overwriting in place needs, some of them implied by the graph.
  private(set) var edges: [Edge] = []

  private let graph: StepGraph
  private let units: UnitGraph
  private let tasks: Clusters
  private let schedule: ReferenceSchedule
  /// For each root value in the arena, who reads and writes it.
  private var accesses: [[Access]]
  private var isOverwritten: [Bool]

  /// One unit's reading or writing of a value or a view of it.
  private struct Access {
    var unit: Int32
    var value: Int32
    var argument: Int16
    var isWrite: Bool
  }

  /// Finds buffers and their times. O(accesses) but for operators cut into many shards.
  init(_ graph: StepGraph, _ units: UnitGraph, _ tasks: Clusters, _ schedule: ReferenceSchedule) {
    self.graph = graph
    self.units = units
    self.tasks = tasks
    self.schedule = schedule
    buffer = Array(repeating: -1, count: graph.values.count)
    accesses = Array(repeating: [], count: graph.values.count)
    isOverwritten = Array(repeating: false, count: graph.values.count)
    collectAccesses()
    // The last value of each buffer so far.
    var last: [Int] = []
    for (index, step) in graph.steps.enumerated() where step.applied != nil && !step.isView {
      let signature = graph.signature(of: index)
      for output in 0..<step.outputCount {
        let value = step.firstOutput + output
        guard graph.values[value].home == .arena else { continue }
        if let input = overwritable(index, step, output, signature) {
          let root = graph.values[step.inputs[input]].root
          isOverwritten[root] = true
          buffer[value] = buffer[root]
          last[Int(buffer[value])] = value
          addOrder(of: root, before: index)
        } else {
          buffer[value] = Int32(buffers.count)
          last.append(value)
          buffers.append(
            Buffer(
              byteCount: graph.values[value].type.byteCount, value: value, start: .infinity, end: 0,
              writers: distinct(accesses[value].lazy.filter(\.isWrite)), touchers: []))
        }
        let number = Int(buffer[value])
        for access in accesses[value] {
          let task = Int(tasks.task[Int(access.unit)])
          buffers[number].start = min(buffers[number].start, schedule.start[task])
          buffers[number].end = max(buffers[number].end, schedule.end[task])
        }
      }
    }
    for index in buffers.indices { buffers[index].touchers = distinct(accesses[last[index]]) }
    accesses = []
  }

  private func distinct(_ accesses: some Sequence<Access>) -> [Int32] {
    var result: [Int32] = []
    for access in accesses {
      let task = tasks.task[Int(access.unit)]
      if result.last != task && !result.contains(task) { result.append(task) }
    }
    return result
  }

  private mutating func collectAccesses() {
    for unit in 0..<units.count where units.step[unit] >= 0 {
      let step = graph.steps[Int(units.step[unit])]
      for (argument, value) in step.inputs.enumerated() {
        let root = graph.values[value].root
        guard graph.values[root].home == .arena else { continue }
        accesses[root].append(
          Access(unit: Int32(unit), value: Int32(value), argument: Int16(argument), isWrite: false))
      }
      for output in 0..<step.outputCount where graph.values[step.firstOutput + output].home == .arena {
        accesses[step.firstOutput + output].append(
          Access(
            unit: Int32(unit), value: Int32(step.firstOutput + output), argument: Int16(output), isWrite: true
          ))
      }
    }
  }

  /// The first input whose bytes an output may take over.
  private func overwritable(
    _ index: Int, _ step: StepGraph.Step, _ output: Int, _ signature: Signature
  ) -> Int? {
    step.inputs.indices.first { input in
      let value = step.inputs[input]
      let root = graph.values[value].root
      guard graph.values[root].home == .arena, !isOverwritten[root], graph.values[value].byteOffset == 0,
        graph.values[root].type.byteCount == signature.outputs[output].byteCount,
        step.applied!.mayOverwrite(input: input, withOutput: output, signature)
      else { return false }
      for (other, otherValue) in step.inputs.enumerated() where other != input {
        guard graph.values[otherValue].root == root else { continue }
        if graph.values[otherValue].byteOffset != 0
          || !step.applied!.mayOverwrite(input: other, withOutput: output, signature)
        {
          return false
        }
      }
      return accesses[root].allSatisfy { access in
        access.isWrite || Int(units.step[Int(access.unit)]) == index
          || units.units[index].allSatisfy { mayPrecede(access, $0) }
      }
    }
  }

  /// Whether an access ends before a unit in the reference schedule, or touches none of its bytes.
  private func mayPrecede(_ access: Access, _ unit: Int) -> Bool {
    let before = Int(tasks.task[Int(access.unit)])
    let after = Int(tasks.task[unit])
    if before == after { return access.unit < unit }
    return schedule.end[before] <= schedule.start[after] || !touches(access, unit)
  }

  /// Whether a read touches bytes that a unit's first output writes, which takes over the whole root. The root may
  /// have another shape of as many bytes, so the written region counts in the output's own.
  private func touches(_ access: Access, _ unit: Int) -> Bool {
    if units.region[unit] == nil { return true }
    let read = units.inputRegion(Int(access.unit), Int(access.argument))
    let output = graph.steps[Int(units.step[unit])].firstOutput
    return graph.overlap(Int(access.value), read, output, units.outputRegion(unit, 0))
  }

  private mutating func addOrder(of root: Int, before index: Int) {
    for access in accesses[root] where !access.isWrite && Int(units.step[Int(access.unit)]) != index {
      let before = tasks.task[Int(access.unit)]
      for unit in units.units[index] where tasks.task[unit] != before && touches(access, unit) {
        edges.append(Edge(before: before, after: tasks.task[unit]))
      }
    }
  }
}
