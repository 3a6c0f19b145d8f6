/// A machine as plain values: which hardware threads there are, which cores, caches, memory nodes and packages
/// they share, and which of them this process may run on.
///
/// A topology is read once (`Topology.machine`) or made from a description (`Topology(synthetic:)`), and
/// never changes. Where to put workers is a pure function of it: `Placement`.
public struct Topology: Hashable, Sendable {
  /// What groups hardware threads, from the widest group to the hardware thread itself.
  public enum Level: Int, CaseIterable, Hashable, Sendable, Comparable {
    /// A processor package (a socket).
    case package
    /// A memory (NUMA) node.
    case numaNode
    /// A third-level cache.
    case l3
    /// A second-level cache.
    case l2
    /// A physical core.
    case core
    /// A hardware thread, which the operating system calls a CPU.
    case thread

    /// The wider level comes first.
    public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  /// One package, node, cache, core or hardware thread.
  public struct Domain: Hashable, Sendable {
    /// What it is.
    public let level: Level
    /// Its position among the domains of its level, in the machine's order.
    public let index: Int
    /// The operating system's number of it, or nil where there is none.
    public let osIndex: Int?
    /// The hardware threads inside it.
    public let cpus: CPUSet
    /// Bytes of a cache or of a node's memory; 0 elsewhere, or where unknown.
    public let bytes: Int
  }

  /// Every domain, widest level first, in each level in the machine's order.
  public let domains: [Domain]
  /// Every hardware thread of the machine that is switched on.
  public let cpus: CPUSet
  /// The hardware threads that this process may run on: cpusets of control groups and `taskset` are honoured.
  public let allowed: CPUSet
  /// Whether these are the processors that run this program, so that threads may be bound to them.
  public let isThisMachine: Bool

  /// For each level, where in `domains` each CPU's domain is, or -1 where the CPU is in none.
  private let positionOfCPU: [[Int]]
  /// How many hardware threads each domain holds.
  private let sizes: [Int]

  /// A topology of the given domains, widest level first; CPUs of `allowed` outside `cpus` are left out.
  init(domains: [Domain], cpus: CPUSet, allowed: CPUSet, isThisMachine: Bool) {
    self.domains = domains
    self.cpus = cpus
    self.allowed = allowed.intersection(cpus)
    self.isThisMachine = isThisMachine
    let extent = (cpus.indices.last ?? -1) + 1
    var table = [[Int]](repeating: [Int](repeating: -1, count: extent), count: Level.allCases.count)
    for (position, domain) in domains.enumerated() {
      for cpu in domain.cpus.indices where cpu < extent { table[domain.level.rawValue][cpu] = position }
    }
    positionOfCPU = table
    sizes = domains.map(\.cpus.count)
  }

  /// The same machine of which only these CPUs may be used: what a process started by `taskset` sees.
  public func restricted(to cpus: CPUSet) -> Topology {
    Topology(
      domains: domains, cpus: self.cpus, allowed: allowed.intersection(cpus), isThisMachine: isThisMachine)
  }

  /// The domains of one level, in the machine's order.
  public func domains(at level: Level) -> [Domain] { domains.filter { $0.level == level } }

  /// The domain of that level that holds the CPU, or nil where there is none. Constant time.
  public func domain(_ level: Level, of cpu: Int) -> Domain? {
    position(level, of: cpu).map { domains[$0] }
  }

  private func position(_ level: Level, of cpu: Int) -> Int? {
    let row = positionOfCPU[level.rawValue]
    guard row.indices.contains(cpu), row[cpu] >= 0 else { return nil }
    return row[cpu]
  }

  /// The smallest domain that holds both CPUs, the narrower level where two are of one size; nil when they
  /// share nothing but the machine. Constant time.
  public func nearestShared(_ a: Int, _ b: Int) -> Domain? {
    nearestPosition(a, b).map { domains[$0] }
  }

  /// How far two CPUs are from each other: the number of hardware threads in the smallest domain that holds both, of
  /// the machine when they share nothing smaller. Constant time.
  public func distance(_ a: Int, _ b: Int) -> Int {
    nearestPosition(a, b).map { sizes[$0] } ?? cpus.count
  }

  private func nearestPosition(_ a: Int, _ b: Int) -> Int? {
    var nearest: Int?
    for level in Level.allCases.reversed() {
      guard let x = position(level, of: a), x == position(level, of: b) else { continue }
      if nearest.map({ sizes[x] < sizes[$0] }) ?? true { nearest = x }
    }
    return nearest
  }

  /// How many physical cores have at least one CPU in the set.
  public func coreCount(in set: CPUSet) -> Int {
    Set(set.indices.compactMap { position(.core, of: $0) }).count
  }

  /// The CPUs of a set in the order in which workers are put on them: the first CPU of every core in the machine's
  /// order, then the second of every core, and so on.
  public func spreadOrder(of set: CPUSet) -> [Int] {
    var taken: [Int: Int] = [:]
    let inMachineOrder = domains(at: .thread).compactMap(\.osIndex).filter { set.contains($0) }
    let rounds = inMachineOrder.map { cpu -> Int in
      guard let core = position(.core, of: cpu) else { return 0 }
      defer { taken[core, default: 0] += 1 }
      return taken[core, default: 0]
    }
    let order = inMachineOrder.indices.sorted { (rounds[$0], $0) < (rounds[$1], $1) }
    return order.map { inMachineOrder[$0] }
  }
}
