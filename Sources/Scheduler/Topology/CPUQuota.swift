/// How much processor time the control groups of this process grant it: the bandwidth limit of containers.
///
/// Linux keeps two hierarchies, and a process may be in both. In version 1 the limit of a group is
/// `cpu.cfs_quota_us` out of every `cpu.cfs_period_us` (-1: none), in version 2 the two numbers of `cpu.max`
/// (`max`: none). A group is held to the limits of all groups above it, so the least of all that can be seen
/// counts. hwloc reads none of this. See the kernel's `admin-guide/cgroup-v1` and `cgroup-v2`.
public struct CPUQuota: Hashable, Sendable, CustomStringConvertible {
  /// Processor time per wall time, in CPUs; above 0.
  public let cpus: Double
  /// The directory of the group that sets the limit.
  public let group: String

  /// A limit set by the group in that directory.
  public init(cpus: Double, group: String) {
    self.cpus = cpus
    self.group = group
  }

  /// How many threads may run all the time without being throttled: the limit rounded down, at least 1.
  public var wholeCPUs: Int { cpus < 1 ? 1 : Int(min(cpus, 1e9)) }

  /// The limit in CPUs with at most two decimals, and where it comes from.
  public var description: String {
    let hundredths = Int((min(cpus, 1e9) * 100).rounded())
    let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
    let decimals = rest == 0 ? "" : rest % 10 == 0 ? ".\(rest / 10)" : rest < 10 ? ".0\(rest)" : ".\(rest)"
    return "\(whole)\(decimals) CPUs (\(group))"
  }

  /// The least limit of all control groups of this process that can be seen, or nil when there is none.
  ///
  /// - Parameter root: where the file system that holds `proc` and `sys` begins.
  /// - Complexity: a few small files per level of the hierarchy; nothing is kept, since limits may change.
  public static func current(root: String = "/") -> CPUQuota? {
    let base = root.hasSuffix("/") ? String(root.dropLast()) : root
    guard let groups = TextFile.read(base + "/proc/self/cgroup"),
      let mounts = TextFile.read(base + "/proc/self/mountinfo")
    else { return nil }
    let hierarchies = ControlGroup.hierarchies(groups: groups, mounts: mounts)
    let limits = hierarchies.flatMap { hierarchy in
      hierarchy.directories.compactMap { directory -> CPUQuota? in
        limit(hierarchy.version, in: base + directory).map { CPUQuota(cpus: $0, group: directory) }
      }
    }
    return limits.min { $0.cpus < $1.cpus }
  }

  /// The limit that the group in one directory sets, in CPUs.
  private static func limit(_ version: ControlGroup.Version, in directory: String) -> Double? {
    let numbers: [Double?]
    switch version {
    case .one:
      numbers = ["/cpu.cfs_quota_us", "/cpu.cfs_period_us"].map { name in
        TextFile.read(directory + name).flatMap { $0.split(whereSeparator: \.isWhitespace).first }
          .flatMap { Double($0) }
      }
    case .two:
      let words = TextFile.read(directory + "/cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
      // The kernel's own default period, where a file names none, is 100,000 µs.
      numbers = [words.first.flatMap { Double($0) }, words.count > 1 ? Double(words[1]) : 100_000]
    }
    guard let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 else { return nil }
    return (quota / period).isFinite ? quota / period : nil
  }
}
