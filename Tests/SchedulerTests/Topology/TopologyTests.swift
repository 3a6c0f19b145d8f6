import Foundation
import Testing

@testable import TributaryScheduler

@Suite struct TopologyTests {
  @Test func readsThisMachine() throws {
    let machine = Topology.machine
    #expect(machine.isThisMachine)
    #expect(!machine.allowed.isEmpty)
    #expect(machine.allowed.isSubset(of: machine.cpus))
    #expect(machine.domains(at: .thread).count == machine.cpus.count)
    for level in [Topology.Level.package, .numaNode, .core] { #expect(!machine.domains(at: level).isEmpty) }
    // The kernel's own word for the CPUs that are switched on.
    let online = try String(contentsOfFile: "/sys/devices/system/cpu/online", encoding: .utf8)
    #expect(try machine.cpus == CPUSet(parsing: online.trimmingCharacters(in: .newlines)))
  }

  @Test func allowedIsTheAffinityMask() throws {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
    let mask = try CPUSet(parsing: line.split(separator: "\t")[1].trimmingCharacters(in: .whitespaces))
    #expect(Topology.machine.allowed == mask.intersection(Topology.machine.cpus))
  }

  @Test func describedMachineHasEveryLevel() throws {
    let machine = try Topology(synthetic: "pack:2 numa:2 l3:4 core:8 pu:2")
    let counts = Topology.Level.allCases.map { machine.domains(at: $0).count }
    #expect(counts == [2, 4, 16, 0, 128, 256])
    #expect(machine.cpus == CPUSet(0..<256))
    #expect(machine.allowed == machine.cpus)
    #expect(!machine.isThisMachine)
    #expect(machine.domains(at: .l3)[1].cpus == CPUSet(16..<32))
    #expect(machine.domains(at: .core)[5].cpus == CPUSet([10, 11]))
    #expect(machine.coreCount(in: CPUSet([10, 11, 12])) == 2)
  }

  @Test(arguments: [
    ("pu:4", [1, 1, 0, 0, 4, 4]), ("core:4 pu:2", [1, 1, 0, 0, 4, 8]),
    ("package:2 numa:1 l3:4 l2:4 core:4 pu:2", [2, 2, 8, 32, 128, 256]),
    ("pack:2 [numa] l2:2 core:1 pu:1", [2, 2, 0, 4, 4, 4]),
    ("numa:2 pack:1 core:3 pu:1", [2, 2, 0, 0, 6, 6]),
  ])
  func missingLevelsAreFilledWhereWorkersNeedThem(description: String, counts: [Int]) throws {
    let machine = try Topology(synthetic: description)
    #expect(Topology.Level.allCases.map { machine.domains(at: $0).count } == counts)
    for cpu in machine.cpus.indices {
      for level in [Topology.Level.package, .numaNode, .core, .thread] {
        #expect(machine.domain(level, of: cpu)?.cpus.contains(cpu) == true)
      }
    }
  }

  @Test(arguments: [
    "", "bogus", "pack:2", "pack:0 core:2 pu:1", "core:-1 pu:1", "core:99999999 pu:2",
    "core:9 core:9 pu:9999",
    "pu:99999999999999999999", "pack:two pu:1",
  ])
  func rejectsWhatIsNoMachine(description: String) {
    #expect {
      try Topology(synthetic: description)
    } throws: { error in
      (error as? SchedulerError)?.code == .invalidTopology
    }
  }

  @Test func distanceGrowsWithTheDomain() throws {
    let machine = try Topology(synthetic: "pack:2 numa:2 l3:2 l2:2 core:2 pu:2")
    // CPU 0's sibling, the other core of its L2, its L3, its node, its package, the other package.
    let others = [0, 1, 2, 4, 8, 16, 32]
    #expect(others.map { machine.distance(0, $0) } == [1, 2, 4, 8, 16, 32, 64])
    #expect(
      others.map { machine.nearestShared(0, $0)?.level }
        == [.thread, .core, .l2, .l3, .numaNode, .package, nil])
    #expect(machine.domain(.core, of: 64) == nil)
    #expect(machine.domain(.core, of: -1) == nil)
  }

  @Test func spreadTakesEveryCoreBeforeASecondThread() throws {
    let machine = try Topology(synthetic: "pack:1 core:4 pu:2")
    #expect(machine.spreadOrder(of: machine.cpus) == [0, 2, 4, 6, 1, 3, 5, 7])
    #expect(machine.spreadOrder(of: CPUSet([1, 2, 3, 7])) == [1, 2, 7, 3])
  }

  @Test func restrictionKeepsTheMachine() throws {
    let machine = try Topology(synthetic: "pack:1 core:4 pu:2")
    let part = machine.restricted(to: CPUSet([2, 3, 99]))
    #expect(part.allowed == CPUSet([2, 3]))
    #expect(part.cpus == machine.cpus)
    #expect(part.domains == machine.domains)
  }
}
