internal import TributaryOps

/// Writes a model of a run as a step graph: copies become steps of their own that wait, through their `awaited` values, for
/// what makes their results needed.
struct RecomputedSteps {
  /// The rewritten graph.
  private(set) var graph: StepGraph

  private let model: RecomputationModel
  private let source: StepGraph
  /// The new value of each instance.
  private var number: [Int]
  /// The new values of those outside the arena, by their old ones.
  private var outside: [Int: Int] = [:]
  /// The views made so far, by the old view and the new value that it looks at.
  private var views: [View: Int] = [:]

  private struct View: Hashable {
    var old: Int
    var root: Int
  }

  init(_ model: RecomputationModel) {
    self.model = model
    source = model.graph
    number = Array(repeating: -1, count: model.instances.count)
    graph = StepGraph()
    graph.feeds = source.feeds
    graph.constants = source.constants
    graph.states = source.states
    graph.fetched = source.fetched
    graph.fetchIndex = source.fetchIndex
    var copies: [Int: [Int]] = [:]
    var original: [Int: Int] = [:]
    for (index, item) in model.items.enumerated() where !item.isDropped {
      if item.time.isMultiple(of: 2) {
        original[item.step] = index
      } else {
        copies[(item.time + 1) / 2, default: []].append(index)
      }
    }
    for step in source.steps.indices {
      for copy in (copies[step] ?? []).sorted(by: { model.items[$0].step < model.items[$1].step }) {
        addCopy(copy, before: step)
      }
      if source.steps[step].applied == nil {
        outside[source.steps[step].firstOutput] = add(source.steps[step], inputs: [], awaited: [])
      } else if let item = original[step] {
        add(item)
      }
    }
    func moved(_ value: Int?) -> Int? { value.map { outside[$0] ?? number[model.instancesOf[$0][0]] } }
    graph.oldValues = source.oldValues.map(moved)
    graph.newValues = source.newValues.map(moved)
  }

  private mutating func add(_ index: Int) {
    let item = model.items[index]
    // A copy within `recompute { … }` may wait for a value that is now made later or not at all; it then waits for less.
    let awaited = source.steps[item.step].awaited.compactMap { value -> Int? in
      let root = source.values[value].root
      if let known = outside[root] { return known }
      return model.instancesOf[root].first.flatMap { number[$0] >= 0 ? number[$0] : nil }
    }
    let inputs = resolved(item)
    note(item, add(source.steps[item.step], inputs: inputs, awaited: awaited))
  }

  private mutating func addCopy(_ index: Int, before step: Int) {
    let item = model.items[index]
    var copy = source.steps[item.step]
    copy.name = "recompute/" + copy.name
    copy.isRecomputed = true
    let isBehindCopies = item.reads.contains {
      $0 >= 0 && model.items[model.instances[$0].item].time == item.time
    }
    let awaited = isBehindCopies ? [] : signal(before: step, after: item.moment).map { [$0] } ?? []
    let inputs = resolved(item)
    note(item, add(copy, inputs: inputs, awaited: awaited))
  }

  /// What a copy waits for: the operand of its reader that is made last, if after the moment at which the value was too
  /// many, else what is made last before the reader.
  private func signal(before step: Int, after moment: Int) -> Int? {
    var latest: (time: Int, value: Int)?
    for item in model.items where item.time == 2 * step && !item.isDropped {
      for read in item.reads where read >= 0 && number[read] >= 0 {
        let time = model.items[model.instances[read].item].time
        if time < 2 * step - 1, time > moment, time > latest?.time ?? -1 { latest = (time, number[read]) }
      }
    }
    return latest?.value ?? graph.values.indices.last { graph.computes(graph.values[$0].step) }
  }

  private mutating func note(_ item: RecomputationModel.Item, _ first: Int) {
    for output in 0..<source.steps[item.step].outputCount {
      number[item.firstInstance + output] = first + output
    }
  }

  /// The new values that an item reads; views of them are made where it reads views.
  private mutating func resolved(_ item: RecomputationModel.Item) -> [Int] {
    zip(source.steps[item.step].inputs, item.reads).map { input, read in
      let root = source.values[input].root
      guard let target = read >= 0 ? number[read] : outside[root] else {
        preconditionFailure("a step reads what is made later")
      }
      return input == root ? target : view(input, of: target)
    }
  }

  private mutating func view(_ old: Int, of root: Int) -> Int {
    let key = View(old: old, root: root)
    if let known = views[key] { return known }
    var step = source.steps[source.values[old].step]
    step.inputs = [root]
    step.firstOutput = graph.values.count
    var value = source.values[old]
    value.step = graph.steps.count
    value.root = root
    value.home = graph.values[root].home
    graph.values.append(value)
    graph.steps.append(step)
    views[key] = step.firstOutput
    return step.firstOutput
  }

  /// Adds a step; its first output.
  private mutating func add(_ old: StepGraph.Step, inputs: [Int], awaited: [Int]) -> Int {
    var step = old
    step.inputs = inputs
    step.awaited = awaited
    step.firstOutput = graph.values.count
    for output in 0..<old.outputCount {
      var value = source.values[old.firstOutput + output]
      value.step = graph.steps.count
      value.root = graph.values.count
      graph.values.append(value)
    }
    graph.steps.append(step)
    return step.firstOutput
  }
}
