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
  /// Who reads and writes each root value in the arena, in compressed rows.
  private var accesses: [Access] = []
  private var firstAccess: [Int] = []
  /// For each task, the last list of tasks that it was put on.
  private var stamp: [Int]
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
    stamp = Array(repeating: -1, count: tasks.count)
    isOverwritten = Array(repeating: false, count: graph.values.count)
    collectAccesses()
    // The last value of each buffer so far.
    var last: [Int] = []
    for index in graph.steps.indices where graph.computes(index) {
      for (output, value) in graph.outputs(of: index).enumerated() {
        guard graph.values[value].home == .arena else { continue }
        if let input = overwritable(index, output) {
          let root = graph.values[graph.steps[index].inputs[input]].root
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
              writers: distinct(accesses(of: value).lazy.filter(\.isWrite), 2 * value), touchers: []))
        }
        let number = Int(buffer[value])
        for access in accesses(of: value) {
          let task = Int(tasks.task[Int(access.unit)])
          buffers[number].start = min(buffers[number].start, schedule.start[task])
          buffers[number].end = max(buffers[number].end, schedule.end[task])
        }
      }
    }
    for index in buffers.indices {
      buffers[index].touchers = distinct(accesses(of: last[index]), 2 * last[index] + 1)
    }
    accesses = []
    firstAccess = []
    stamp = []
  }

  private func accesses(of value: Int) -> ArraySlice<Access> {
    accesses[firstAccess[value]..<firstAccess[value + 1]]
  }

  /// The tasks of some accesses, each once; `list` tells this list from every other.
  private mutating func distinct(_ accesses: some Sequence<Access>, _ list: Int) -> [Int32] {
    var result: [Int32] = []
    for access in accesses {
      let task = tasks.task[Int(access.unit)]
      if stamp[Int(task)] == list { continue }
      stamp[Int(task)] = list
      result.append(task)
    }
    return result
  }

  private mutating func collectAccesses() {
    // Counted first, so that a second walk can put each in its place.
    var next = [Int](repeating: 0, count: graph.values.count + 1)
    forEachAccess { root, _ in next[root + 1] += 1 }
    for value in graph.values.indices { next[value + 1] += next[value] }
    firstAccess = next
    var sorted = Array(
      repeating: Access(unit: -1, value: -1, argument: 0, isWrite: false), count: next[graph.values.count])
    forEachAccess { root, access in
      sorted[next[root]] = access
      next[root] += 1
    }
    accesses = sorted
  }

  private func forEachAccess(_ body: (_ root: Int, Access) -> Void) {
    for unit in 0..<units.count where units.step[unit] >= 0 {
      let step = Int(units.step[unit])
      for (argument, value) in graph.steps[step].inputs.enumerated() {
        let root = graph.values[value].root
        guard graph.values[root].home == .arena else { continue }
        body(
          root, Access(unit: Int32(unit), value: Int32(value), argument: Int16(argument), isWrite: false))
      }
      for (output, value) in graph.outputs(of: step).enumerated() where graph.values[value].home == .arena {
        body(value, Access(unit: Int32(unit), value: Int32(value), argument: Int16(output), isWrite: true))
      }
    }
  }

  /// The first input whose bytes an output may take over.
  private func overwritable(_ index: Int, _ output: Int) -> Int? {
    let inputs = graph.steps[index].inputs
    let byteCount = graph.values[graph.steps[index].firstOutput + output].type.byteCount
    func mayOverwrite(_ input: Int) -> Bool {
      graph.steps[index].applied!.mayOverwrite(
        input: input, withOutput: output, graph.steps[index].signature)
    }
    return inputs.indices.first { input in
      let value = inputs[input]
      let root = graph.values[value].root
      guard graph.values[root].home == .arena, !isOverwritten[root], graph.values[value].byteOffset == 0,
        graph.values[root].type.byteCount == byteCount, mayOverwrite(input)
      else { return false }
      for (other, otherValue) in inputs.enumerated() where other != input {
        guard graph.values[otherValue].root == root else { continue }
        if graph.values[otherValue].byteOffset != 0 || !mayOverwrite(other) {
          return false
        }
      }
      return accesses(of: root).allSatisfy { access in
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
    if units.region(of: unit) == nil { return true }
    let read = units.inputRegion(Int(access.unit), Int(access.argument))
    let output = graph.steps[Int(units.step[unit])].firstOutput
    return graph.overlap(Int(access.value), read, output, units.outputRegion(unit, 0))
  }

  private mutating func addOrder(of root: Int, before index: Int) {
    for access in accesses(of: root) where !access.isWrite && Int(units.step[Int(access.unit)]) != index {
      let before = tasks.task[Int(access.unit)]
      for unit in units.units[index] where tasks.task[unit] != before && touches(access, unit) {
        edges.append(Edge(before: before, after: tasks.task[unit]))
      }
    }
  }
}
