extension Topology {
  /// The machine as a tree, a line for each domain; domains of the same CPUs share a line, as do a core's threads.
  ///
  /// - Parameter note: what to add to a core's line, or nil, for instance which workers run there.
  /// - Returns: lines without a line end at the last.
  public func tree(note: (Domain) -> String? = { _ in nil }) -> String {
    var lines = [summary]
    func draw(_ nodes: [Node], _ indentation: String) {
      for (position, node) in nodes.enumerated() {
        let isLast = position == nodes.count - 1
        lines.append(indentation + (isLast ? "└ " : "├ ") + label(node, note))
        draw(node.children, indentation + (isLast ? "  " : "│ "))
      }
    }
    draw(nested(), "")
    return lines.joined(separator: "\n")
  }

  /// How many domains of each level there are, and what part of the machine may be used.
  public var summary: String {
    let counts = Level.allCases.compactMap { level -> String? in
      let count = domains(at: level).count
      return count == 0 ? nil : "\(count) \(count == 1 ? level.name : level.plural)"
    }
    let share = allowed == cpus ? "all allowed" : "\(allowed.phrase) allowed"
    return "machine: " + counts.joined(separator: ", ") + "; " + share
  }

  /// Domains of the same CPUs, widest level first, with what lies inside.
  private struct Node {
    var domains: [Domain]
    var children: [Node] = []
  }

  /// The domains above hardware threads, nested by the CPUs they hold.
  private func nested() -> [Node] {
    let place = Dictionary(
      domains(at: .thread).compactMap { thread in thread.osIndex.map { ($0, thread.index) } },
      uniquingKeysWith: { first, _ in first })
    let spans = domains.filter { $0.level != .thread }.map {
      domain -> (first: Int, last: Int, domain: Domain) in
      let places = domain.cpus.indices.compactMap { place[$0] }
      return (places.min() ?? 0, places.max() ?? 0, domain)
    }
    var rest = spans.sorted { ($0.first, -$0.last, $0.domain.level) < ($1.first, -$1.last, $1.domain.level) }[
      ...]
    func children(until last: Int) -> [Node] {
      var result: [Node] = []
      while let next = rest.first, next.first <= last {
        rest = rest.dropFirst()
        var node = Node(domains: [next.domain])
        while let same = rest.first, same.domain.cpus == next.domain.cpus {
          node.domains.append(same.domain)
          rest = rest.dropFirst()
        }
        node.children = children(until: next.last)
        result.append(node)
      }
      return result
    }
    return children(until: Int.max)
  }

  private func label(_ node: Node, _ note: (Domain) -> String?) -> String {
    let names = node.domains.map { domain in
      "\(domain.level.name) \(domain.index)" + (domain.bytes > 0 ? " (\(Topology.size(domain.bytes)))" : "")
    }
    var text = names.joined(separator: " + ")
    guard let core = node.domains.last, core.level == .core else { return text }
    text += ": " + core.cpus.phrase
    let usable = core.cpus.intersection(allowed)
    if usable.isEmpty {
      text += " (not allowed)"
    } else if usable != core.cpus {
      text += " (\(usable.phrase) allowed)"
    }
    return text + (note(core).map { "  ← \($0)" } ?? "")
  }

  /// Bytes in the largest binary unit that leaves at least one, rounded down to a tenth.
  private static func size(_ bytes: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var (unit, scale) = (0, 1)
    while unit + 1 < units.count, bytes / scale >= 1024 { (unit, scale) = (unit + 1, scale * 1024) }
    let tenths = bytes / scale * 10 + bytes % scale * 10 / scale
    return (tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)") + " " + units[unit]
  }
}

extension Topology.Level {
  /// What one domain of the level is called.
  public var name: String {
    switch self {
    case .package: return "package"
    case .numaNode: return "NUMA node"
    case .l3: return "L3"
    case .l2: return "L2"
    case .core: return "core"
    case .thread: return "hardware thread"
    }
  }

  /// What several are called.
  var plural: String {
    switch self {
    case .l3, .l2: return name + " caches"
    case .package, .numaNode, .core, .thread: return name + "s"
    }
  }
}
