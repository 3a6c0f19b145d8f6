extension Placement: CustomStringConvertible {
  /// The machine with the workers on it, why they are so many and there, and each one's place and stealing order.
  public var description: String {
    var workersOfCore: [Int: [String]] = [:]
    for (slot, worker) in workers.enumerated() {
      guard let cpu = worker.cpu, let core = topology.domain(.core, of: cpu) else { continue }
      workersOfCore[core.index, default: []].append("worker \(slot) on CPU \(cpu)")
    }
    let tree = topology.tree { workersOfCore[$0.index]?.joined(separator: ", ") }
    let lines = workers.indices.map { slot in
      "  \(slot): \(place(of: workers[slot])); steals from \(victims(of: slot))"
    }
    return ([tree, "", reason, "workers:"] + lines).joined(separator: "\n")
  }

  private func place(of worker: Worker) -> String {
    if let cpu = worker.cpu { return "pinned to CPU \(cpu)" }
    return worker.cpus.map { "bound to \($0.phrase)" } ?? "not bound"
  }

  /// The stealing order, grouped by what the victims share with the thief, runs of numbers written as ranges.
  private func victims(of slot: Int) -> String {
    let order = stealOrder(of: slot)
    if order.isEmpty { return "nobody" }
    guard let here = workers[slot].cpu else { return Placement.ranges(order) }
    var groups: [(name: String, victims: [Int])] = []
    for victim in order {
      let shared = workers[victim].cpu.flatMap { topology.nearestShared(here, $0) }
      let name = shared.map { "same \($0.level.name)" } ?? "the rest"
      if groups.last?.name != name { groups.append((name, [])) }
      groups[groups.count - 1].victims.append(victim)
    }
    return groups.map { "\(Placement.ranges($0.victims)) (\($0.name))" }.joined(separator: ", ")
  }

  /// Numbers in their order, ascending runs of three or more as `first-last`.
  static func ranges(_ numbers: [Int]) -> String {
    var parts: [String] = []
    var rest = numbers[...]
    while let first = rest.popFirst() {
      var last = first
      while rest.first == last + 1 { last = rest.removeFirst() }
      switch last - first {
      case 0: parts.append("\(first)")
      case 1: parts += ["\(first)", "\(last)"]
      default: parts.append("\(first)-\(last)")
      }
    }
    return parts.joined(separator: " ")
  }
}
