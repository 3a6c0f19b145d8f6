import Testing
import TributaryScheduler

@Suite struct PlacementTests {
  private static let descriptions = [
    "pu:1", "pu:2", "core:4 pu:2", "pack:2 core:3 pu:1", "pack:2 numa:2 l3:4 core:8 pu:2",
    "package:2 numa:1 l3:4 l2:4 core:4 pu:2", "pack:1 l3:2 l2:2 core:1 pu:4", "numa:2 pack:1 core:3 pu:2",
    "pack:2 [numa] l3:2 core:2 pu:1",
  ]

  @Test(arguments: descriptions)
  func defaultIsOnePinnedWorkerPerCore(description: String) throws {
    let machine = try Topology(synthetic: description)
    let placement = try Placement(topology: machine)
    let cores = machine.domains(at: .core).count
    #expect(placement.workerCount == cores)
    let cpus = try placement.workers.map { try #require($0.cpu) }
    #expect(Set(cpus).count == cores)
    #expect(Set(cpus.map { machine.domain(.core, of: $0)?.index }).count == cores, "one worker to a core")
    #expect(placement.reason.contains("pinned"))
  }

  @Test(arguments: descriptions, [1, 2, 3, 7, 200])
  func stealOrderIsAPermutationNearestFirst(description: String, count: Int) throws {
    let machine = try Topology(synthetic: description)
    let request = try ThreadCount.Request(min(count, machine.cpus.count))
    for policy in [PinningPolicy.automatic, .none, .set(machine.cpus)] {
      let placement = try Placement(topology: machine, request: request, policy: policy)
      #expect(placement.workerCount == request.count)
      for worker in 0..<request.count {
        let order = placement.stealOrder(of: worker)
        #expect(order.sorted() == (0..<request.count).filter { $0 != worker })
        guard let here = placement.workers[worker].cpu else { continue }
        let distances = try order.map { machine.distance(here, try #require(placement.workers[$0].cpu)) }
        #expect(distances == distances.sorted())
      }
    }
  }

  @Test func stealsFromSiblingThenCachesThenNodeThenPackageThenTheRest() throws {
    let machine = try Topology(synthetic: "pack:2 numa:2 l3:2 l2:2 core:2 pu:2")
    let all = try Placement(topology: machine, request: .init(64), policy: .set(machine.cpus))
    let slots = Dictionary(
      uniqueKeysWithValues: all.workers.enumerated().map { ($0.element.cpu!, $0.offset) })
    let order = all.stealOrder(of: slots[0]!).map { all.workers[$0].cpu! }
    #expect(order[0] == 1)
    #expect(Set(order[1..<3]) == [2, 3])
    #expect(Set(order[3..<7]) == Set(4..<8))
    #expect(Set(order[7..<15]) == Set(8..<16))
    #expect(Set(order[15..<31]) == Set(16..<32))
    #expect(Set(order[31...]) == Set(32..<64))
  }

  @Test func equalVictimsGoRoundFromTheThief() throws {
    let machine = try Topology(synthetic: "core:4 pu:1")
    let placement = try Placement(topology: machine)
    #expect((0..<4).map(placement.stealOrder) == [[1, 2, 3], [2, 3, 0], [3, 0, 1], [0, 1, 2]])
  }

  @Test func quotaOfTwoAndAHalfOf64GivesTwoUnpinnedWorkers() throws {
    let machine = try Topology(synthetic: "pack:1 core:64 pu:1")
    let quota = CPUQuota(cpus: 2.5, group: "/sys/fs/cgroup/box")
    let placement = try Placement(topology: machine, quota: quota)
    #expect(placement.workerCount == 2)
    #expect(placement.workers.allSatisfy { !$0.isPinned && $0.cpus == machine.cpus && $0.cpu == nil })
    #expect(placement.reason.contains("2.5 CPUs (/sys/fs/cgroup/box)"))
  }

  @Test(arguments: [(0.5, 1), (1.0, 1), (3.9, 3), (4.0, 4), (7.5, 4), (8.0, 4), (100, 4)])
  func workersFitCoresAndQuota(cpus: Double, workers: Int) throws {
    let machine = try Topology(synthetic: "core:4 pu:2")
    let placement = try Placement(topology: machine, quota: CPUQuota(cpus: cpus, group: "/"))
    #expect(placement.workerCount == workers)
    // A quota of the whole machine or more is none.
    #expect(placement.workers.allSatisfy { $0.isPinned == (cpus >= 8) })
  }

  @Test func aPartialMaskBindsToTheAllowedSet() throws {
    let machine = try Topology(synthetic: "core:4 pu:2").restricted(to: CPUSet([0, 1, 4, 5]))
    let placement = try Placement(topology: machine)
    #expect(placement.workerCount == 2)
    #expect(placement.workers.allSatisfy { !$0.isPinned && $0.cpus == CPUSet([0, 1, 4, 5]) })
  }

  @Test func moreThreadsThanCoresAreNotBound() throws {
    let machine = try Topology(synthetic: "core:4 pu:2")
    for topology in [machine, machine.restricted(to: CPUSet([0, 1]))] {
      let placement = try Placement(topology: topology, request: .init(5))
      #expect(placement.workerCount == 5)
      #expect(placement.workers.allSatisfy { $0.cpus == nil })
    }
  }

  @Test func fewerThreadsThanCoresStayFreeSoThatProgramsDoNotCollide() throws {
    let machine = try Topology(synthetic: "core:4 pu:2")
    let placement = try Placement(topology: machine, request: .init(3, by: "--threads"))
    #expect(placement.workers.allSatisfy { $0.cpus == nil })
    #expect(placement.reason.hasPrefix("3 workers, as --threads asks, on 4 physical cores"))
  }

  @Test func aGivenSetIsPinnedCoresFirst() throws {
    let machine = try Topology(synthetic: "core:4 pu:2")
    let set = CPUSet([2, 3, 4, 5])
    let quota = CPUQuota(cpus: 1.5, group: "/")
    #expect(try Placement(topology: machine, policy: .set(set)).workers.map(\.cpu) == [2, 4])
    #expect(
      try Placement(topology: machine, request: .init(3), policy: .set(set)).workers.map(\.cpu) == [2, 4, 3])
    #expect(try Placement(topology: machine, quota: quota, policy: .set(set)).workers.map(\.cpu) == [2])
    let many = try Placement(topology: machine, request: .init(5), policy: .set(set))
    #expect(many.workers.allSatisfy { !$0.isPinned && $0.cpus == set })
  }

  @Test(arguments: [CPUSet(), CPUSet([8]), CPUSet([3, 4])])
  func aSetThatMayNotBeUsedIsRejected(set: CPUSet) throws {
    let machine = try Topology(synthetic: "core:4 pu:2").restricted(to: CPUSet(0..<4))
    #expect {
      try Placement(topology: machine, policy: .set(set))
    } throws: { error in
      (error as? SchedulerError)?.code == .invalidPinning
    }
  }

  @Test func aHugeMachineGetsTheMostWorkersThereMayBe() throws {
    let placement = try Placement(topology: Topology(synthetic: "pack:16 core:128 pu:1"))
    #expect(placement.workerCount == 1024)
  }

  @Test func thisProcessGetsWhatTheMachineGives() throws {
    let placement = try Placement.forThisProcess(requested: 3)
    #expect(placement.workerCount == 3)
    #expect(placement.topology == Topology.machine)
    for worker in placement.workers { #expect(worker.cpus?.isSubset(of: Topology.machine.allowed) ?? true) }
  }
}
