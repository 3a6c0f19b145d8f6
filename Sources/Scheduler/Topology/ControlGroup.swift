/// Where the control groups of a process are found, from the two files in which the kernel says so.
enum ControlGroup {
  /// The version of a hierarchy, which decides how a limit is written.
  enum Version: Hashable, Sendable {
    case one
    case two
  }

  /// One hierarchy that controls processor time, and the directories of the process's group and of every group above
  /// it that can be seen, innermost first.
  struct Hierarchy: Hashable, Sendable {
    var version: Version
    var directories: [String]
  }

  /// The hierarchies that may limit the processor time of a process.
  ///
  /// - Parameters:
  ///   - groups: the text of `/proc/self/cgroup`: a line `number:controllers:path` for each hierarchy, the
  ///     controllers of version 2 being empty.
  ///   - mounts: the text of `/proc/self/mountinfo`, see proc(5).
  static func hierarchies(groups: String, mounts: String) -> [Hierarchy] {
    let mounted = mounts.split(separator: "\n").compactMap { Mount(line: $0) }
    return groups.split(separator: "\n").flatMap { line -> [Hierarchy] in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return [] }
      let version: Version
      if parts[1].isEmpty {
        version = .two
      } else if parts[1].split(separator: ",").contains("cpu") {
        version = .one
      } else {
        return []
      }
      return directories(of: String(parts[2]), mounts: mounted.filter { $0.version == version }).map {
        Hierarchy(version: version, directories: $0)
      }
    }
  }

  /// For each mount that shows the group: its directory there and those above, up to the mount's own.
  ///
  /// Where no mount shows the group (another namespace's paths), what the mounts show at their roots is all there is.
  private static func directories(of path: String, mounts: [Mount]) -> [[String]] {
    let visible = mounts.compactMap { mount -> [String]? in
      guard let inside = mount.path(below: path) else { return nil }
      var result = [mount.point]
      for component in inside.split(separator: "/") {
        result.append((result[result.count - 1] == "/" ? "" : result[result.count - 1]) + "/" + component)
      }
      return result.reversed()
    }
    return visible.isEmpty ? mounts.map { [$0.point] } : visible
  }

  /// A mount of a hierarchy.
  private struct Mount {
    var version: Version
    /// The group that is seen at `point`.
    var root: String
    var point: String

    /// A line of mountinfo, or nil when it mounts no hierarchy that controls processor time: number, parent,
    /// device, root, mount point, options, optional fields, a dash, type, source, options of the file system.
    init?(line: Substring) {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 1 else { return nil }
      switch fields[dash + 1] {
      case "cgroup2":
        version = .two
      case "cgroup":
        guard fields.count > dash + 3, fields[dash + 3].split(separator: ",").contains("cpu") else {
          return nil
        }
        version = .one
      default:
        return nil
      }
      root = Mount.unescaped(fields[3])
      point = Mount.unescaped(fields[4])
    }

    /// What remains of a group's path below this mount's root, or nil when the group is not below it.
    func path(below path: String) -> Substring? {
      if path.split(separator: "/").contains("..") { return nil }
      if root == "/" { return path[...] }
      guard path.hasPrefix(root) else { return nil }
      let rest = path.dropFirst(root.count)
      return rest.isEmpty || rest.hasPrefix("/") ? rest : nil
    }

    /// Blanks, tabs, line ends and backslashes are written as a backslash and three octal digits.
    private static func unescaped(_ field: Substring) -> String {
      var bytes: [UInt8] = []
      var rest = Array(field.utf8)[...]
      while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\\"), rest.count >= 3,
          let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
        {
          bytes.append(code)
          rest = rest.dropFirst(3)
        } else {
          bytes.append(byte)
        }
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
