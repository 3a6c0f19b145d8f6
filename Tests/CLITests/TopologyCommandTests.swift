import ArgumentParser
import Testing
import TributaryScheduler

@testable import TributaryCLI

@Suite struct TopologyCommandTests {
  @Test func describesASyntheticMachine() throws {
    let command = try TopologyCommand.parse([
      "--synthetic", "pack:2 numa:2 l3:4 core:8 pu:2", "--threads", "128",
    ])
    let placement = try command.placement()
    #expect(placement.workerCount == 128)
    let text = placement.description
    #expect(
      text.hasPrefix("machine: 2 packages, 4 NUMA nodes, 16 L3 caches, 128 cores, 256 hardware threads"))
    #expect(text.contains("core 127: CPUs 254-255  ← worker 127 on CPU 254"))
    #expect(
      text.contains(
        "0: pinned to CPU 0; steals from 1-7 (same L3), 8-31 (same NUMA node), 32-63 (same package), "
          + "64-127 (the rest)"))
    #expect(text.contains(placement.reason))
  }

  @Test func pinsToTheGivenCPUs() throws {
    let command = try TopologyCommand.parse(["--synthetic", "core:4 pu:2", "--pin", "2-5", "--threads", "2"])
    #expect(try command.placement().workers.map(\.cpu) == [2, 4])
    let free = try TopologyCommand.parse(["--synthetic", "core:4 pu:2", "--pin", "none"])
    #expect(try free.placement().workers.allSatisfy { $0.cpus == nil })
  }

  @Test(arguments: [
    ["--threads", "0"], ["--threads", "-1"], ["--threads", "1025"], ["--threads", "x"],
    ["--synthetic", "bogus"],
    ["--synthetic", ""], ["--pin", "7000"], ["--pin", "x"], ["--pin", ""], ["--bogus"], ["extra"],
  ])
  func wrongCommandLinesExitWith64(arguments: [String]) {
    #expect {
      try TopologyCommand.parse(arguments)
    } throws: { error in
      TopologyCommand.exitCode(for: error).rawValue == 64
    }
  }
}
