import Foundation
import Testing

@testable import TributaryScheduler

/// Files laid out below a directory of their own as the kernel lays them out below `/`.
private struct FakeSystem {
  let root: String

  init(_ files: [String: String]) throws {
    root = FileManager.default.temporaryDirectory.path + "/quota-" + UUID().uuidString
    for (path, text) in files {
      let file = root + path
      try FileManager.default.createDirectory(
        atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: file, atomically: false, encoding: .utf8)
    }
  }

  func quota() -> CPUQuota? {
    defer { try? FileManager.default.removeItem(atPath: root) }
    return CPUQuota.current(root: root)
  }
}

@Suite struct CPUQuotaTests {
  private static let mountTwo =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
  private static let mountOne =
    "31 30 0:27 / /sys/fs/cgroup/memory rw shared:10 - cgroup cgroup rw,memory\n"
    + "33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev shared:15 - cgroup cgroup rw,cpu,cpuacct\n"

  @Test func versionTwoTakesTheTightestAncestor() throws {
    let system = try FakeSystem([
      "/proc/self/cgroup": "0::/kubepods.slice/pod1/box\n",
      "/proc/self/mountinfo": Self.mountTwo,
      "/sys/fs/cgroup/kubepods.slice/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/kubepods.slice/pod1/cpu.max": "250000 100000\n",
      "/sys/fs/cgroup/kubepods.slice/pod1/box/cpu.max": "800000 100000\n",
    ])
    let quota = try #require(system.quota())
    #expect(quota == CPUQuota(cpus: 2.5, group: "/sys/fs/cgroup/kubepods.slice/pod1"))
    #expect(quota.wholeCPUs == 2)
    #expect(quota.description == "2.5 CPUs (/sys/fs/cgroup/kubepods.slice/pod1)")
  }

  @Test func versionTwoInAContainersNamespace() throws {
    let system = try FakeSystem([
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": Self.mountTwo,
      "/sys/fs/cgroup/cpu.max": "150000 50000\n",
    ])
    #expect(system.quota()?.cpus == 3)
  }

  @Test func versionOneTakesTheTightestAncestor() throws {
    let system = try FakeSystem([
      "/proc/self/cgroup": "12:memory:/a\n4:cpu,cpuacct:/a/b\n1:name=systemd:/a\n",
      "/proc/self/mountinfo": Self.mountOne,
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "75000\n",
      "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "50000\n",
      "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us": "400000\n",
      "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us": "100000\n",
      // The memory hierarchy limits no processor time, whatever lies there.
      "/sys/fs/cgroup/memory/a/cpu.cfs_quota_us": "1000\n",
      "/sys/fs/cgroup/memory/a/cpu.cfs_period_us": "100000\n",
    ])
    #expect(system.quota() == CPUQuota(cpus: 1.5, group: "/sys/fs/cgroup/cpu,cpuacct/a"))
  }

  @Test func versionOneInAContainerSeesItsOwnGroupAtTheMountPoint() throws {
    // Docker without a namespace: the path is the host's, the mount shows only the container's group.
    let system = try FakeSystem([
      "/proc/self/cgroup": "4:cpu,cpuacct:/docker/4f2/inner\n",
      "/proc/self/mountinfo":
        "33 30 0:29 /docker/4f2 /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "350000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_period_us": "100000\n",
    ])
    #expect(system.quota() == CPUQuota(cpus: 3.5, group: "/sys/fs/cgroup/cpu,cpuacct"))
  }

  @Test func aMountOfASimilarlyNamedGroupIsNotOurs() throws {
    let system = try FakeSystem([
      "/proc/self/cgroup": "0::/docker/4f2\n",
      "/proc/self/mountinfo":
        "33 30 0:29 /docker/4f /other ro - cgroup2 cgroup2 rw\n" + Self.mountTwo,
      "/other/cpu.max": "100000 100000\n",
      "/sys/fs/cgroup/docker/4f2/cpu.max": "200000 100000\n",
    ])
    #expect(system.quota()?.cpus == 2)
  }

  @Test func pathsOutsideTheNamespaceFallBackToTheMountPoint() throws {
    let system = try FakeSystem([
      "/proc/self/cgroup": "0::/../../elsewhere\n",
      "/proc/self/mountinfo": Self.mountTwo,
      "/sys/fs/cgroup/cpu.max": "120000 100000\n",
    ])
    #expect(system.quota()?.cpus == 1.2)
  }

  @Test func hybridTakesTheLesserOfBothHierarchies() throws {
    let files = { (one: String, two: String) -> [String: String] in
      [
        "/proc/self/cgroup": "4:cpu:/job\n0::/job\n",
        "/proc/self/mountinfo":
          "33 30 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
          + "41 30 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
        "/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": one,
        "/sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "100000\n",
        "/sys/fs/cgroup/unified/job/cpu.max": two,
      ]
    }
    #expect(try FakeSystem(files("400000\n", "max 100000\n")).quota()?.cpus == 4)
    #expect(try FakeSystem(files("400000\n", "300000 100000\n")).quota()?.cpus == 3)
    #expect(try FakeSystem(files("-1\n", "max 100000\n")).quota() == nil)
  }

  @Test func escapedMountPointsAreRead() throws {
    let system = try FakeSystem([
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": "30 23 0:26 / /sys/fs/my\\040groups rw - cgroup2 none rw\n",
      "/sys/fs/my groups/cpu.max": "500000 100000\n",
    ])
    #expect(system.quota() == CPUQuota(cpus: 5, group: "/sys/fs/my groups"))
  }

  @Test(arguments: [
    [:], ["/proc/self/cgroup": "0::/a\n"],
    ["/proc/self/cgroup": "0::/a\n", "/proc/self/mountinfo": mountTwo],
    ["/proc/self/cgroup": "junk\n\n::\n", "/proc/self/mountinfo": "junk - \n1 2 3\n"],
    ["/proc/self/cgroup": "0::/a\n", "/proc/self/mountinfo": mountTwo, "/sys/fs/cgroup/a/cpu.max": ""],
    [
      "/proc/self/cgroup": "0::/a\n", "/proc/self/mountinfo": mountTwo,
      "/sys/fs/cgroup/a/cpu.max": "0 100000",
    ],
    ["/proc/self/cgroup": "0::/a\n", "/proc/self/mountinfo": mountTwo, "/sys/fs/cgroup/a/cpu.max": "5 0"],
    ["/proc/self/cgroup": "0::/a\n", "/proc/self/mountinfo": mountTwo, "/sys/fs/cgroup/a/cpu.max": "x y"],
    [
      "/proc/self/cgroup": "4:cpu:/\n", "/proc/self/mountinfo": mountOne,
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
    ],
  ])
  func missingOrSenselessFilesAreNoLimit(files: [String: String]) throws {
    #expect(try FakeSystem(files).quota() == nil)
  }

  @Test(arguments: [(0.1, 1), (1, 1), (1.99, 1), (2, 2), (2.5, 2), (64, 64), (1e300, 1_000_000_000)])
  func wholeCPUsRoundDownToAtLeastOne(cpus: Double, whole: Int) {
    #expect(CPUQuota(cpus: cpus, group: "/").wholeCPUs == whole)
  }

  @Test(arguments: [(2.5, "2.5"), (2, "2"), (0.05, "0.05"), (1.25, "1.25"), (0.333, "0.33")])
  func describesItselfWithTwoDecimals(cpus: Double, text: String) {
    #expect(CPUQuota(cpus: cpus, group: "/g").description == "\(text) CPUs (/g)")
  }
}
