/// How many workers there are and why, where each runs, and from whom each steals: a pure function of a machine, a
/// quota, a request and a policy.
///
/// Unless somebody asks for a number there are as many workers as physical cores that this process may use, but no
/// more than its CPU quota rounded down, and at least one: a second hardware thread of a core adds little to
/// arithmetic, and a thread above the quota is only throttled.
public struct Placement: Hashable, Sendable {
  /// Where one worker runs.
  public struct Worker: Hashable, Sendable {
    /// The CPUs to bind the worker's thread to, or nil to leave its binding alone.
    public let cpus: CPUSet?
    /// Whether `cpus` is one CPU that this worker has for itself.
    public let isPinned: Bool

    /// The CPU of a pinned worker, else nil.
    public var cpu: Int? { isPinned ? cpus?.first : nil }
  }

  /// The machine that the workers run on.
  public let topology: Topology
  /// The workers, by slot.
  public let workers: [Worker]
  /// A sentence or two: how many workers and why, where they run and why.
  public let reason: String

  /// How many workers there are, from 1 to 1024.
  public var workerCount: Int { workers.count }

  /// Chooses and places workers.
  ///
  /// - Parameters:
  ///   - topology: the machine, with what of it may be used.
  ///   - quota: the limit of processor time, or nil for none.
  ///   - request: a number of workers asked for, or nil for the default.
  ///   - policy: whether to bind workers.
  /// - Throws: `SchedulerError` with code `invalidPinning` when the policy names CPUs that may not be used, or none.
  /// - Complexity: linear in the number of hardware threads and workers, up to sorting.
  public init(
    topology: Topology, quota: CPUQuota? = nil, request: ThreadCount.Request? = nil,
    policy: PinningPolicy = .automatic
  ) throws(SchedulerError) {
    var usable = topology.allowed
    if case .set(let cpus) = policy {
      guard !cpus.isEmpty, cpus.isSubset(of: usable) else {
        throw SchedulerError(
          .invalidPinning,
          "workers cannot be bound to CPUs “\(cpus)”: this process may use \(usable.phrase); name some of these"
        )
      }
      usable = cpus
    }
    let cores = max(1, topology.coreCount(in: usable))
    let limit = quota.flatMap { $0.cpus < Double(usable.count) ? $0 : nil }
    let fitting = min(cores, limit?.wholeCPUs ?? cores, ThreadCount.range.upperBound)
    let count = request?.count ?? fitting
    let binding = Binding(
      policy: policy, count: count, cores: cores, usable: usable, whole: topology.allowed == topology.cpus,
      isLimited: limit != nil)
    self.topology = topology
    workers = Placement.workers(count, binding, usable, topology)
    reason =
      Placement.why(count, request: request, cores: cores, limit: limit) + " "
      + binding.sentence(count: count, usable: usable)
  }

  /// The placement for the process that calls: the machine as read by hwloc, its control groups' quota, and
  /// the number asked for, by the caller or else by `TRIBUTARY_THREADS`.
  ///
  /// - Throws: `SchedulerError` when the number is not from 1 to 1024 or the CPUs may not be used.
  public static func forThisProcess(
    requested: Int? = nil, policy: PinningPolicy = .automatic
  ) throws(SchedulerError) -> Placement {
    let request = try ThreadCount.request(requested)
    let machine = Topology.machine
    return try Placement(
      topology: machine, quota: CPUQuota.current(), request: request,
      policy: machine.isThisMachine ? policy : .none)
  }

  /// All other workers in the order in which this one steals from them, nearest first: the other hardware
  /// thread of its core, then those that share its L2, L3, memory node and package, then the rest. Among
  /// equals, and where workers are not pinned, they go round from the worker's own number, so that thieves spread.
  ///
  /// - Complexity: O(w log w) for w workers.
  public func stealOrder(of worker: Int) -> [Int] {
    let others = (1..<max(1, workers.count)).map { (worker + $0) % workers.count }
    guard let here = workers[worker].cpu else { return others }
    let distances = others.map { other in workers[other].cpu.map { topology.distance(here, $0) } ?? Int.max }
    return others.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.map { others[$0] }
  }

  private static func workers(
    _ count: Int, _ binding: Binding, _ usable: CPUSet, _ topology: Topology
  ) -> [Worker] {
    switch binding {
    case .pinned:
      let cpus = topology.spreadOrder(of: usable)
      return (0..<count).map { Worker(cpus: CPUSet([cpus[$0]]), isPinned: true) }
    case .bound:
      return [Worker](repeating: Worker(cpus: usable, isPinned: false), count: count)
    case .free:
      return [Worker](repeating: Worker(cpus: nil, isPinned: false), count: count)
    }
  }
}
