internal import CHwloc

/// The owner of one loaded hwloc topology, and the only place that speaks to hwloc.
///
/// It lives as long as it takes to copy the machine into a `Topology`.
struct HwlocTopology: ~Copyable {
  // SAFETY: the handle is made by `init`, is never copied out of this value and is destroyed once, by `deinit`;
  // objects that hwloc returns belong to the handle and are read only while this value lives.
  private let handle: hwloc_topology_t

  /// Loads the machine that runs this program, or the one described by hwloc's synthetic language.
  ///
  /// CPUs that this process may not use are kept in the tree, so that it can be told what share of the machine it has.
  init(synthetic description: String?) throws(SchedulerError) {
    var topology: hwloc_topology_t?
    guard hwloc_topology_init(&topology) == 0, let topology else {
      throw SchedulerError(.invalidTopology, "hwloc could not be initialised: out of memory")
    }
    if let description {
      guard hwloc_topology_set_synthetic(topology, description) == 0 else {
        hwloc_topology_destroy(topology)
        throw HwlocTopology.rejected(description)
      }
    } else {
      // CPUs outside the cpuset stay in the tree.
      hwloc_topology_set_flags(topology, UInt(HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED.rawValue))
    }
    guard hwloc_topology_load(topology) == 0 else {
      hwloc_topology_destroy(topology)
      if let description { throw HwlocTopology.rejected(description) }
      throw SchedulerError(
        .invalidTopology, "hwloc could not read this machine: check that /sys and /proc are mounted")
    }
    handle = topology
  }

  deinit { hwloc_topology_destroy(handle) }

  private static func rejected(_ description: String) -> SchedulerError {
    SchedulerError(
      .invalidTopology,
      "“\(description)” describes no machine: write levels from the outside in, the last being pu, for instance "
        + "“pack:2 numa:2 l3:4 core:8 pu:2”")
  }

  /// The machine as values.
  consuming func topology() throws(SchedulerError) -> Topology {
    let threads = objects(HWLOC_OBJ_PU, .thread)
    var domains: [Topology.Domain] = []
    let machine = CPUSet(threads.compactMap(\.osIndex))
    guard !machine.isEmpty else {
      throw SchedulerError(.invalidTopology, "hwloc found no processor on this machine")
    }
    let packages = objects(HWLOC_OBJ_PACKAGE, .package)
    domains += packages.isEmpty ? [HwlocTopology.whole(machine)] : packages
    domains += objects(HWLOC_OBJ_NUMANODE, .numaNode)
    domains += objects(HWLOC_OBJ_L3CACHE, .l3)
    domains += objects(HWLOC_OBJ_L2CACHE, .l2)
    let cores = objects(HWLOC_OBJ_CORE, .core)
    domains += cores.isEmpty ? threads.map(HwlocTopology.core) : cores
    domains += threads
    return Topology(
      domains: domains, cpus: machine, allowed: allowed(of: machine),
      isThisMachine: hwloc_topology_is_thissystem(handle) == 1)
  }

  /// The one package of a machine that names none.
  private static func whole(_ machine: CPUSet) -> Topology.Domain {
    Topology.Domain(level: .package, index: 0, osIndex: nil, cpus: machine, bytes: 0)
  }

  /// The core of a hardware thread on a machine that names no cores.
  private static func core(_ thread: Topology.Domain) -> Topology.Domain {
    Topology.Domain(level: .core, index: thread.index, osIndex: nil, cpus: thread.cpus, bytes: 0)
  }

  /// All objects of one hwloc type that hold a CPU.
  private borrowing func objects(_ type: hwloc_obj_type_t, _ level: Topology.Level) -> [Topology.Domain] {
    var result: [Topology.Domain] = []
    var object = hwloc_get_next_obj_by_type(handle, type, nil)
    while let found = object {
      let cpus = HwlocTopology.cpus(found.pointee.cpuset)
      if !cpus.isEmpty {
        let index = found.pointee.os_index
        result.append(
          Topology.Domain(
            level: level, index: result.count, osIndex: index == UInt32.max ? nil : Int(index), cpus: cpus,
            bytes: HwlocTopology.bytes(found, level)))
      }
      object = hwloc_get_next_obj_by_type(handle, type, found)
    }
    return result
  }

  private static func bytes(_ object: hwloc_obj_t, _ level: Topology.Level) -> Int {
    guard let attributes = object.pointee.attr else { return 0 }
    switch level {
    case .l2, .l3: return Int(clamping: attributes.pointee.cache.size)
    case .numaNode: return Int(clamping: attributes.pointee.numanode.local_memory)
    case .package, .core, .thread: return 0
    }
  }

  /// The CPUs this process may use: the cpuset of its control group, and of those the ones that any of its
  /// threads may run on, which is what `taskset` sets. A thread that has already been pinned does not narrow it.
  private borrowing func allowed(of machine: CPUSet) -> CPUSet {
    let byControlGroup = HwlocTopology.cpus(hwloc_topology_get_allowed_cpuset(handle)).intersection(machine)
    guard hwloc_topology_is_thissystem(handle) == 1, let mask = hwloc_bitmap_alloc() else {
      return byControlGroup
    }
    defer { hwloc_bitmap_free(mask) }
    guard hwloc_get_cpubind(handle, mask, Int32(HWLOC_CPUBIND_PROCESS.rawValue)) == 0 else {
      return byControlGroup
    }
    let both = byControlGroup.intersection(HwlocTopology.cpus(mask))
    return both.isEmpty ? byControlGroup : both
  }

  private static func cpus(_ bitmap: hwloc_const_bitmap_t?) -> CPUSet {
    var result = CPUSet()
    guard let bitmap else { return result }
    // An infinite bitmap has no last bit; only the CPUs below the limit are of interest.
    var cpu = hwloc_bitmap_first(bitmap)
    while cpu >= 0, cpu < CPUSet.limit {
      result.insert(Int(cpu))
      cpu = hwloc_bitmap_next(bitmap, cpu)
    }
    return result
  }
}

extension Topology {
  /// The machine that runs this program, read on first use (about 1.5 ms) and kept.
  ///
  /// Should hwloc be unable to read it, a machine of one core is assumed.
  public static let machine: Topology = {
    if let read = try? HwlocTopology(synthetic: nil).topology() { return read }
    return single
  }()

  /// A machine of one core, which may be used.
  private static let single: Topology = {
    let cpus = CPUSet([0])
    let levels: [Level] = [.package, .numaNode, .core, .thread]
    let domains = levels.map { Domain(level: $0, index: 0, osIndex: 0, cpus: cpus, bytes: 0) }
    return Topology(domains: domains, cpus: cpus, allowed: cpus, isThisMachine: true)
  }()

  /// A machine described in hwloc's synthetic language: levels from the outside in with the number of each
  /// inside the level before, the last being hardware threads, for instance `pack:2 numa:2 l3:4 core:8 pu:2` for
  /// 2 × 2 × 4 × 8 = 128 cores and 256 hardware threads.
  ///
  /// - Throws: `SchedulerError` with code `invalidTopology` when hwloc does not understand the text, or the machine
  ///   would have more than 65,536 hardware threads.
  public init(synthetic description: String) throws(SchedulerError) {
    var threads = 1
    for item in description.split(separator: " ") {
      guard let colon = item.firstIndex(of: ":") else { continue }
      let digits = item[item.index(after: colon)...].prefix { $0.isNumber }
      let (product, overflow) = threads.multipliedReportingOverflow(by: Int(digits) ?? Int.max)
      guard !overflow, product <= CPUSet.limit else {
        throw SchedulerError(
          .invalidTopology,
          "“\(description)” describes more than \(CPUSet.limit) hardware threads: describe a smaller machine")
      }
      threads = product
    }
    self = try HwlocTopology(synthetic: description).topology()
  }
}
