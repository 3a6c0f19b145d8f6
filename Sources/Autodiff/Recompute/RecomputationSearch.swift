internal import TributaryOps

/// Lowers the bytes alive at the worst moment of a sequential run by computing values a second time, right before they are
/// read again, instead of keeping them.
///
/// Greedy: of the values that nobody touches at the worst moment, the one with the most bytes · idle time / cost goes
/// first. Its operator is computed again, and so are those of its operands that are not there any more, for as long as
/// that is less to keep. The step counts only if the peak falls, or stays for a shorter time. The idea is that of T. Chen and
/// others, "Training Deep Nets with Sublinear Memory Cost" (2016), with the choice left to costs and lives as in
/// P. Jain and others, "Checkmate" (2020), though not solved to optimality.
///
/// Computed again are operators as they are, on the same operands and with the same cuts, so no bit of a result changes.
struct RecomputationSearch {
  /// The most operators that are computed again for one value.
  private static let maximumDepth = 32
  /// An operand with less than this share of a value's bytes is kept rather than computed again.
  private static let keptShare = 8

  private(set) var model: RecomputationModel
  private var profile: [Int]
  private let seconds: [Double]
  /// For each state, the step that assigns it.
  private let assignment: [Int?]

  /// A search that begins with nothing computed again.
  init(_ graph: StepGraph) {
    model = RecomputationModel(graph)
    profile = model.profile()
    seconds = graph.steps.indices.map { step in
      guard graph.computes(step), let applied = graph.steps[step].applied else { return 0 }
      return CostModel.seconds(applied, graph.steps[step].signature)
    }
    assignment = graph.newValues.map { $0.map { graph.values[$0].step } }
  }

  /// The bytes alive at the worst moment.
  var peakBytes: Int { profile.max() ?? 0 }

  /// Computes values again until no more than `target` bytes are alive at any time, or nothing helps any more.
  /// - Returns: Whether anything was done.
  mutating func lower(to target: Int) -> Bool {
    var isChanged = false
    while let moment = worstMoment, profile[moment] > target {
      guard let better = improvement(at: moment) else { break }
      (model, profile) = better
      isChanged = true
    }
    return isChanged
  }

  /// The graph with the copies in their places.
  func rewritten() -> StepGraph { RecomputedSteps(model).graph }

  private var worstMoment: Int? { profile.indices.max { profile[$0] < profile[$1] } }

  /// A value that could be computed again.
  private struct Candidate {
    let instance: Int
    /// The step before which its copy would run.
    let step: Int
    /// What is computed again, in order.
    let steps: [Int]
    let score: Double
  }

  /// The model after the best change that lowers the peak at a moment; nil when none does.
  private func improvement(at moment: Int) -> (RecomputationModel, [Int])? {
    let peak = profile[moment]
    let timesAtPeak = profile.count { $0 >= peak }
    for candidate in candidates(at: moment) {
      var changed = model
      apply(candidate, at: moment, to: &changed)
      let after = changed.profile()
      let most = after.max() ?? 0
      if most < peak || (most == peak && after.count { $0 >= peak } < timesAtPeak) { return (changed, after) }
    }
    return nil
  }

  /// The values that lie idle at a moment and could be computed again, the most promising first.
  private func candidates(at moment: Int) -> [Candidate] {
    var before = model.instances.map { model.items[$0.item].time }
    var after = [Int](repeating: .max, count: before.count)
    for item in model.items where !item.isDropped {
      for read in item.reads where read >= 0 {
        if item.time <= moment {
          before[read] = max(before[read], item.time)
        } else {
          after[read] = min(after[read], item.time)
        }
      }
    }
    let last = model.lastUses()
    var result: [Candidate] = []
    for (index, instance) in model.instances.enumerated() {
      guard instance.byteCount > 0, !model.items[instance.item].isDropped, before[index] < moment,
        after[index] != .max
      else { continue }
      let step = (after[index] + 1) / 2
      guard 2 * step - 1 > moment, let steps = steps(toMake: index, before: step, last) else { continue }
      let cost = steps.reduce(0) { $0 + seconds[$1] }
      let score = Double(instance.byteCount) * Double(after[index] - before[index]) / max(cost, 1e-9)
      result.append(Candidate(instance: index, step: step, steps: steps.sorted(), score: score))
    }
    return result.sorted { ($1.score, $0.instance) < ($0.score, $1.instance) }
  }

  /// The steps to be computed again so that an instance's value is there before a step without it; nil when that cannot
  /// be.
  private func steps(toMake instance: Int, before step: Int, _ last: [Int]) -> Set<Int>? {
    let graph = model.graph
    let dropped = model.instances[instance]
    var needed: Set<Int> = []
    var open = [model.items[dropped.item].step]
    while let next = open.popLast() {
      guard needed.insert(next).inserted else { continue }
      guard needed.count <= RecomputationSearch.maximumDepth, model.mayRunTwice(next) else { return nil }
      for input in graph.steps[next].inputs {
        let root = graph.values[input].root
        switch graph.values[root].home {
        case .feed, .constant, .fetch: continue
        case .state(let state):
          // The old value is there until the state is assigned.
          guard graph.oldValues[state] == root, assignment[state].map({ $0 >= step }) ?? true else {
            return nil
          }
        case .arena:
          let bytes = graph.values[root].type.byteCount
          if source(of: root, before: step, besides: instance, last) != nil { continue }
          let isSmall = bytes * RecomputationSearch.keptShare <= dropped.byteCount
          if isSmall, latest(root, before: step, besides: instance) != nil { continue }
          open.append(graph.values[root].step)
        }
      }
    }
    return needed
  }

  /// An instance of a value that is there right before a step anyway.
  private func source(of value: Int, before step: Int, besides dropped: Int, _ last: [Int]) -> Int? {
    model.instancesOf[value].last { instance in
      let item = model.items[model.instances[instance].item]
      return instance != dropped && !item.isDropped && item.time < 2 * step && last[instance] >= 2 * step - 1
    }
  }

  /// The instance of a value made last before a step.
  private func latest(_ value: Int, before step: Int, besides dropped: Int) -> Int? {
    model.instancesOf[value].filter { instance in
      let item = model.items[model.instances[instance].item]
      return instance != dropped && !item.isDropped && item.time < 2 * step
    }.max { model.items[model.instances[$0].item].time < model.items[model.instances[$1].item].time }
  }

  private func apply(_ candidate: Candidate, at moment: Int, to changed: inout RecomputationModel) {
    let graph = model.graph
    let last = model.lastUses()
    let time = 2 * candidate.step - 1
    var made: [Int: Int] = [:]
    for step in candidate.steps {
      let reads = graph.steps[step].inputs.map { input in
        let root = graph.values[input].root
        guard graph.values[root].home == .arena else {
          return model.instancesOf[root].first ?? -1
        }
        return made[root] ?? source(of: root, before: candidate.step, besides: candidate.instance, last)
          ?? latest(root, before: candidate.step, besides: candidate.instance) ?? -1
      }
      let first = changed.append(step, at: time, reads: reads, after: moment)
      for (output, value) in graph.outputs(of: step).enumerated() { made[value] = first + output }
    }
    guard let copy = made[model.instances[candidate.instance].value] else { return }
    changed.redirect(candidate.instance, to: copy, from: time)
  }
}
