internal import TributaryOps

/// A sequential run of a step graph in which some steps run twice: what runs when, and how many bytes are alive.
///
/// Step s runs at time 2s; copies of earlier steps may run at time 2s − 1, right before it, in the order of the steps that
/// they are copies of. A step whose values only copies stand for in the end is dropped.
struct RecomputationModel {
  /// One use of an operator.
  struct Item {
    /// The step that it is, or is a copy of.
    let step: Int
    /// When it runs.
    let time: Int
    /// For each input what it reads; -1 for bytes outside the arena.
    var reads: [Int]
    /// Its first output among the instances.
    let firstInstance: Int
    /// For copies, the moment that they are to run after.
    var moment = -1
    /// Whether it does not run, since nobody reads what it makes.
    var isDropped = false
  }

  /// A value made by an item.
  struct Instance {
    /// The value of the step graph.
    let value: Int
    /// Who makes it.
    let item: Int
    /// Its bytes in the arena; 0 for one that lies elsewhere.
    let byteCount: Int
  }

  let graph: StepGraph
  private(set) var items: [Item] = []
  private(set) var instances: [Instance] = []
  /// The instances of each value.
  private(set) var instancesOf: [[Int]]
  /// For each step the pairs of input and output that may share bytes.
  private let overwritable: [[(input: Int, output: Int)]]
  /// The number of times.
  var timeCount: Int { 2 * graph.steps.count }

  /// The model of a graph in which nothing is computed twice yet.
  init(_ graph: StepGraph) {
    self.graph = graph
    instancesOf = Array(repeating: [], count: graph.values.count)
    overwritable = graph.steps.indices.map { step in
      guard graph.computes(step), let applied = graph.steps[step].applied else { return [] }
      let signature = graph.steps[step].signature
      return signature.outputs.indices.flatMap { output in
        signature.inputs.indices.filter { applied.mayOverwrite(input: $0, withOutput: output, signature) }
          .map { ($0, output) }
      }
    }
    for step in graph.steps.indices where graph.computes(step) {
      append(
        step, at: 2 * step,
        reads: graph.steps[step].inputs.map { instancesOf[graph.values[$0].root].first ?? -1 })
    }
  }

  /// Adds an item.
  /// - Returns: Its first output.
  @discardableResult
  mutating func append(_ step: Int, at time: Int, reads: [Int], after moment: Int = -1) -> Int {
    let first = instances.count
    for value in graph.outputs(of: step) {
      instancesOf[value].append(instances.count)
      let byteCount =
        graph.values[value].home == .arena ? graph.values[value].type.alignedByteCount : 0
      instances.append(Instance(value: value, item: items.count, byteCount: byteCount))
    }
    items.append(Item(step: step, time: time, reads: reads, firstInstance: first, moment: moment))
    return first
  }

  /// Makes all readers of an instance from a time on read another one.
  mutating func redirect(_ old: Int, to new: Int, from time: Int) {
    let maker = items[instances[new].item]
    for index in items.indices where items[index].time >= time && !items[index].isDropped {
      // Copies of the same moment run in the order of their steps.
      if items[index].time == maker.time, items[index].step <= maker.step { continue }
      for (input, read) in items[index].reads.enumerated() where read == old {
        items[index].reads[input] = new
      }
    }
    dropIfUnread(instances[old].item)
  }

  private mutating func dropIfUnread(_ index: Int) {
    guard mayRunTwice(items[index].step) else { return }
    let first = items[index].firstInstance
    let outputs = first..<first + graph.steps[items[index].step].outputCount
    let isRead = items.contains { !$0.isDropped && $0.reads.contains { outputs.contains($0) } }
    items[index].isDropped = !isRead
  }

  /// Whether a step may be computed again: a function of values, all of whose results lie in the arena.
  func mayRunTwice(_ step: Int) -> Bool {
    guard graph.computes(step), let applied = graph.steps[step].applied, !applied.canFault,
      !(applied is any NestingOperator)
    else { return false }
    return graph.outputs(of: step).allSatisfy { graph.values[$0].home == .arena }
  }

  /// When each instance is read for the last time, its making included.
  func lastUses() -> [Int] {
    var last = instances.map { items[$0.item].time }
    for item in items where !item.isDropped {
      for read in item.reads where read >= 0 { last[read] = max(last[read], item.time) }
    }
    return last
  }

  /// The bytes alive at each time.
  ///
  /// A value counts from its making to its last reading; where that reading may write over it, to just before.
  func profile() -> [Int] {
    var last = instances.map { items[$0.item].time }
    // Who reads it last; -1 for nobody, -2 for several.
    var reader = [Int](repeating: -1, count: instances.count)
    for (index, item) in items.enumerated() where !item.isDropped {
      for read in item.reads where read >= 0 {
        if item.time > last[read] || reader[read] == -1 {
          (last[read], reader[read]) = (item.time, index)
        } else if item.time == last[read], reader[read] != index {
          reader[read] = -2
        }
      }
    }
    for (index, item) in items.enumerated() where !item.isDropped {
      var taken = -1
      for (input, output) in overwritable[item.step] where output != taken {
        let read = item.reads[input]
        guard read >= 0, reader[read] == index,
          instances[read].byteCount == instances[item.firstInstance + output].byteCount
        else { continue }
        // It ends before this time, and no second output takes it.
        last[read] -= 1
        reader[read] = -2
        taken = output
      }
    }
    var change = [Int](repeating: 0, count: timeCount + 1)
    for (index, instance) in instances.enumerated() where !items[instance.item].isDropped {
      let start = items[instance.item].time
      guard last[index] >= start else { continue }
      change[start] += instance.byteCount
      change[last[index] + 1] -= instance.byteCount
    }
    var alive = 0
    return change.dropLast().map { difference in
      alive += difference
      return alive
    }
  }
}
