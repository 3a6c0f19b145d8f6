extension Placement {
  /// What is done to the workers' threads, and why.
  enum Binding: Hashable, Sendable {
    /// One CPU each.
    case pinned(why: String)
    /// All of them to the same CPUs.
    case bound(why: String)
    /// Nothing.
    case free(why: String)

    /// The choice for `count` workers on the CPUs `usable` of `cores` physical cores; `whole` says that these
    /// are the machine's all, `isLimited` that a CPU quota is below them.
    init(policy: PinningPolicy, count: Int, cores: Int, usable: CPUSet, whole: Bool, isLimited: Bool) {
      switch policy {
      case .none:
        self = .free(why: "pinning is off")
      case .set where count <= usable.count:
        self = .pinned(why: "these CPUs were given")
      case .set:
        self = .bound(why: "more workers than CPUs were given")
      case .automatic where count > cores:
        self = .free(why: "there are more of them than cores")
      case .automatic where isLimited:
        self = .bound(why: "a CPU quota lets other work share the CPUs")
      case .automatic where !whole:
        self = .bound(why: "this process may use only a part of the machine")
      case .automatic where count < cores:
        self = .free(why: "they leave cores to other programs, which pinning could collide with")
      case .automatic:
        self = .pinned(why: "this process may use the whole machine and fills it")
      }
    }

    /// The choice and its reason as a sentence.
    func sentence(count: Int, usable: CPUSet) -> String {
      let one = count == 1
      switch self {
      case .pinned(let why):
        return one ? "It is pinned, as \(why)." : "Each is pinned to a CPU of its own, as \(why)."
      case .bound(let why):
        return (one ? "It is" : "They are") + " not pinned but bound to \(usable.phrase), as \(why)."
      case .free(let why): return (one ? "It is" : "They are") + " not pinned, as \(why)."
      }
    }
  }

  /// Why there are so many workers, as a sentence.
  static func why(_ count: Int, request: ThreadCount.Request?, cores: Int, limit: CPUQuota?) -> String {
    let workers = count == 1 ? "1 worker" : "\(count) workers"
    let usable = cores == 1 ? "1 physical core" : "\(cores) physical cores"
    if let request {
      let throttled = limit.map { $0.cpus < Double(count) } ?? false
      return "\(workers), as \(request.source) asks, on \(usable) that this process may use"
        + (throttled ? "; the CPU quota of \(limit.map(\.description) ?? "") will throttle them." : ".")
    }
    if let limit, limit.wholeCPUs < cores {
      return
        "\(workers): the CPU quota of \(limit) rounded down, at least 1, which is less than the \(usable) "
        + "that this process may use."
    }
    if count < cores { return "\(workers): the most there may be, on \(usable)." }
    return
      "\(workers): \(cores == 1 ? "one for the" : "one for each of the") \(usable) that this process may use."
  }
}
