package import TributaryAutodiff
internal import TributaryOps

/// Measured costs of plans, kept in a file from one process to the next.
///
/// An entry is keyed by the machine, the plan and the number of workers; others' entries are kept beside one's own, so that one
/// file serves several machines. Costs are hints about what to run first: a file can make a run slower or faster, and never
/// changes its results.
package struct CostFile: Sendable, Equatable {
  /// What task times depend on besides the plan.
  package struct Machine: Sendable, Hashable, CustomStringConvertible {
    /// The processor's name.
    package let processor: String
    /// The instruction-set level that kernels are chosen by.
    package let level: String

    /// A machine from its names.
    package init(processor: String, level: String) {
      self.processor = processor
      self.level = level
    }

    /// A machine with this processor at the level of this process.
    package static func current(processor: String) -> Machine {
      Machine(processor: processor, level: VectorLevel.current.rawValue)
    }

    package var description: String { "\(processor) at \(level)" }
  }

  /// The costs of a plan on a machine.
  package struct Entry: Sendable, Equatable {
    /// Where they were measured.
    package let machine: Machine
    /// The costs.
    package let costs: MeasuredCosts
  }

  /// What a file has for a plan on a machine.
  package enum Finding: Sendable, Equatable {
    /// Costs of the plan on this machine, with the number of workers asked for or the nearest to it.
    case costs(MeasuredCosts)
    /// Costs of the plan, measured on these other machines only.
    case otherMachines([Machine])
    /// Nothing about the plan.
    case nothing
  }

  /// The entries in the order of the file.
  package private(set) var entries: [Entry] = []

  /// A file without entries.
  package init() {}

  /// A file with these entries.
  init(entries: [Entry]) { self.entries = entries }

  /// What is known of a plan.
  package func costs(of plan: String, on machine: Machine, workers: Int) -> Finding {
    let fitting = entries.filter { $0.costs.plan == plan }
    let own = fitting.filter { $0.machine == machine }.map(\.costs)
    // Of two as near the one with fewer workers, so that the answer does not depend on the order of entries.
    let nearest = own.min { a, b in
      (abs(a.workers - workers), a.workers) < (abs(b.workers - workers), b.workers)
    }
    if let nearest { return .costs(nearest) }
    return fitting.isEmpty ? .nothing : .otherMachines(fitting.map(\.machine))
  }

  /// Adds costs, in place of what there was under the same machine, plan and number of workers.
  package mutating func add(_ costs: MeasuredCosts, on machine: Machine) {
    entries.removeAll {
      $0.machine == machine && $0.costs.plan == costs.plan && $0.costs.workers == costs.workers
    }
    entries.append(Entry(machine: machine, costs: costs))
  }
}

extension CostFile.Finding {
  /// What to tell whoever gave the file; nil where there are costs.
  package func notice(path: String, machine: CostFile.Machine) -> String? {
    switch self {
    case .costs: return nil
    case .otherMachines(let others):
      let names = Set(others.map(\.description)).sorted().joined(separator: ", ")
      return
        "\(path) has costs of this plan only from \(names), and this is \(machine); priorities follow the cost "
        + "model until tasks are measured here"
    case .nothing:
      return
        "\(path) has no costs of this plan yet; priorities follow the cost model until tasks are measured"
    }
  }
}
