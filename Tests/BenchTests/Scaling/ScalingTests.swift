import ArgumentParser
import Testing
import Tributary

@testable import TributaryBench

/// What `scaling --simulate` reads and computes.
@Suite(.serialized) struct ScalingTests {
  @Test(arguments: [
    ("1...128", [1, 2, 4, 8, 16, 32, 64, 128]), ("1...1", [1]), ("3...20", [3, 4, 8, 16, 20]),
    ("1,2,8", [1, 2, 8]), ("7", [7]),
  ])
  func readsNumbersOfWorkers(_ text: String, _ counts: [Int]) {
    #expect(WorkerCounts(argument: text)?.counts == counts)
    #expect(WorkerCounts(argument: WorkerCounts(counts).argument)?.counts == counts)
  }

  @Test(arguments: [
    "", "0", "1025", "1,,2", "2...1", "...", "1...", "...4", "0...4", "1...2000", "1..4", "a", "1...4...8",
    "-1",
  ])
  func refusesOthers(_ text: String) { #expect(WorkerCounts(argument: text) == nil) }

  @Test(arguments: [
    ["--simulate", "0"], ["--synthetic", "pack:2 core:2 pu:1"], ["--bandwidth", "10"],
    ["--simulate", "2", "--bandwidth", "0"], ["--simulate", "2", "--synthetic", "nonsense"],
    ["--granularity", "coarse"], ["--workload", "mlp,none"], ["--workload", ""],
    ["--simulate", "2", "--costs", "file"],
  ])
  func wrongCommandLinesExitWith64(arguments: [String]) {
    #expect {
      try ScalingCommand.parse(arguments)
    } throws: { error in
      ScalingCommand.exitCode(for: error).rawValue == 64
    }
  }

  @Test func settingsReachTheChildProcess() throws {
    let options = try StepOptions.parse(["--granularity", "fine", "--costs", "c"])
    #expect(options.settings == StepSettings(cuts: .fine, costs: "c"))
    #expect(try StepOptions.parse(options.settings.arguments).settings == options.settings)
    let simulation = try SimulationOptions.parse(["--simulate", "1...4", "--bandwidth", "12.5"])
    #expect(try SimulationOptions.parse(simulation.arguments).simulate == WorkerCounts([1, 2, 4]))
    #expect(simulation.arguments == ["--simulate", "1,2,4", "--bandwidth", "12.5"])
  }

  @Test func bandwidthGrowsWithCoresUpToItsLimit() {
    let free = MemoryBandwidth(alone: 10, together: 16, cores: 2, limit: nil)
    #expect([1, 1.5, 2, 4, 64].map { free.rate(streams: $0) } == [10, 13, 16, 32, 512])
    let limited = MemoryBandwidth(alone: 10, together: 16, cores: 2, limit: 20)
    #expect([1, 2, 3, 64].map { limited.rate(streams: $0) } == [10, 16, 20, 20])
    #expect(MemoryBandwidth(alone: 10, together: 10, cores: 1, limit: nil).rate(streams: 3) == 30)
  }

  /// Eight sums side by side that move what the memory gives.
  private func streams() throws -> Executable {
    let g = GraphBuilder()
    let terms = (0..<8).map { tanh(g.input("x\($0)", [1000])) }
    return try g.compile(fetching: terms, options: CompileOptions(granularity: .whole))
  }

  @Test func memoryBoundsWhatStreams() throws {
    let executable = try streams()
    #expect(executable.plan.taskCount == 8 && executable.taskBytes.allSatisfy { $0 == 8000 })
    func point(_ workers: Int, _ together: Double) throws -> ScalingModel.Point {
      try ScalingModel(
        executable, taskSeconds: Array(repeating: 1e-3, count: 8), overhead: 1e-9,
        bandwidth: MemoryBandwidth(alone: 8e6, together: together, cores: 2, limit: nil),
        topology: Topology(synthetic: "pack:1 core:8 pu:1")
      ).point(workers: workers)
    }
    // Alone, a task moves all that it can.
    let one = try point(1, 8e6)
    #expect(abs(one.seconds - 8e-3) < 1e-5 && one.bound == .criticalPath || one.bound == .work)
    // Two cores that share one core's rate gain nothing; two that have twice as much, everything.
    let shared = try point(2, 8e6)
    #expect(shared.seconds > 7.9e-3 && shared.bound == .bandwidth)
    let double = try point(2, 16e6)
    #expect(double.seconds < 4.2e-3 && double.bound != .overhead)
  }

  @Test func chainsAreBoundByTheirPath() throws {
    let g = GraphBuilder()
    var x = g.input("x", [64])
    for _ in 0..<6 { x = tanh(x) }
    let executable = try g.compile(fetching: [x], options: CompileOptions(granularity: .whole))
    let model = ScalingModel(
      executable, taskSeconds: Array(repeating: 1e-3, count: executable.plan.taskCount), overhead: 1e-9,
      bandwidth: MemoryBandwidth(alone: 1e12, together: 1e12, cores: 1, limit: nil),
      topology: try Topology(synthetic: "pack:1 core:8 pu:1"))
    let point = try model.point(workers: 8)
    #expect(point.bound == .criticalPath && abs(point.seconds - point.criticalPath) < 1e-4)
  }

  @Test func aStepIsMeasuredAndPredicted() throws {
    let result = try SimulatedScaling(
      workload: "siamese", workers: [1, 2, 64], settings: StepSettings(), seconds: 0.3, synthetic: nil,
      bandwidthLimit: nil)
    #expect(result.points.map(\.workers) == [1, 2, 64])
    #expect(result.measured[1] ?? 0 > 0 && result.work >= result.criticalPath)
    for point in result.points {
      #expect(point.seconds >= point.criticalPath && point.seconds >= point.work)
    }
    let rows = result.rows("siamese")
    #expect(rows.map { $0["measured_ms"] == .missing } == [false, result.measured[2] == nil, true])
    #expect(result.heading("siamese").hasPrefix("siamese: \(result.tasks) tasks, T₁ "))
  }
}
