import Testing

@testable import TributaryScheduler

@Suite struct TopologyTextTests {
  @Test func treeNestsAndJoinsDomainsOfTheSameCPUs() throws {
    let machine = try Topology(synthetic: "pack:2 l3:1 l2:2 core:1 pu:2").restricted(
      to: CPUSet([0, 1, 2, 4, 5, 6]))
    #expect(
      machine.tree { $0.index == 1 ? "here" : nil } == """
        machine: 2 packages, 1 NUMA node, 2 L3 caches, 4 L2 caches, 4 cores, 8 hardware threads; CPUs 0-2,4-6 allowed
        └ NUMA node 0 (1 GiB)
          ├ package 0 + L3 0 (16 MiB)
          │ ├ L2 0 (4 MiB) + core 0: CPUs 0-1
          │ └ L2 1 (4 MiB) + core 1: CPUs 2-3 (CPU 2 allowed)  ← here
          └ package 1 + L3 1 (16 MiB)
            ├ L2 2 (4 MiB) + core 2: CPUs 4-5
            └ L2 3 (4 MiB) + core 3: CPUs 6-7 (CPU 6 allowed)
        """)
  }

  @Test(arguments: ["pu:1", "core:4 pu:2", "pack:2 numa:2 l3:4 core:8 pu:2", "numa:2 pack:1 core:3 pu:1"])
  func treeHasALineForEveryCore(description: String) throws {
    let machine = try Topology(synthetic: description)
    let lines = machine.tree().split(separator: "\n")
    for core in machine.domains(at: .core) {
      #expect(lines.filter { $0.contains("core \(core.index): \(core.cpus.phrase)") }.count == 1)
    }
  }

  @Test func placementSaysEachWorkersPlace() throws {
    let machine = try Topology(synthetic: "core:2 pu:2")
    let pinned = try Placement(topology: machine).description
    #expect(pinned.hasSuffix("1: pinned to CPU 2; steals from 0 (same NUMA node)"))
    let bound = try Placement(topology: machine.restricted(to: CPUSet([1]))).description
    #expect(bound.hasSuffix("0: bound to CPU 1; steals from nobody"))
    let free = try Placement(topology: machine, request: .init(3)).description
    #expect(free.hasSuffix("2: not bound; steals from 0 1"))
  }

  @Test(arguments: [
    ([], ""), ([3], "3"), ([1, 2], "1 2"), ([1, 2, 3], "1-3"), ([5, 6, 7, 0, 1, 2, 9], "5-7 0-2 9"),
    ([2, 1], "2 1"),
  ])
  func rangesKeepTheOrder(numbers: [Int], text: String) { #expect(Placement.ranges(numbers) == text) }
}
