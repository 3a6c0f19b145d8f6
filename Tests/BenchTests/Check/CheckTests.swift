import ArgumentParser
import Foundation
import Testing
import TributaryMeasuring
import TributaryWorkloads

@testable import TributaryBench

@Suite(.serialized) struct CheckTests {
  private func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.path + "/thresholds-" + UUID().uuidString
  }

  /// Runs the check of the empty tasks against thresholds; returns the exit code.
  private func check(_ thresholds: Thresholds, _ more: [String] = []) throws -> Int32 {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try thresholds.write(to: path)
    let command = try CheckCommand.parse(
      ["--thresholds", path, "--only", "empty-tasks", "--seconds", "0.05"] + more)
    do {
      try command.run()
      return 0
    } catch let code as ExitCode { return code.rawValue }
  }

  private func thresholds(_ atLeast: Double, cpu: String = Processor.name) -> Thresholds {
    let entry = Thresholds.Entry(case: "empty-tasks", threads: 1, flops: 0, bytes: 1e6, atLeast: atLeast)
    return Thresholds(processors: [cpu: [entry]])
  }

  @Test func slownessAndMissingThresholdsFail() throws {
    #expect(try check(thresholds(1e-9)) == 0)
    #expect(try check(thresholds(1e9)) == 1)
    #expect(try check(thresholds(1e-9, cpu: "another processor")) == 1)
  }

  @Test func recordingSetsTheThreshold() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let arguments = ["--thresholds", path, "--only", "empty-tasks", "--seconds", "0.05"]
    try CheckCommand.parse(arguments + ["--record"]).run()
    let entry = try #require(
      Thresholds(path: path).entry("empty-tasks", threads: 1, cpu: Processor.name))
    #expect(entry.atLeast > 0 && entry.bytes > 0)
  }

  @Test func thresholdsSurviveTheFileAndReplaceEachOther() throws {
    var it = thresholds(0.5, cpu: "a")
    it.record("mlp", threads: 2, CallWork(flops: 10, bytes: 20), ratio: 1, cpu: "a")
    it.record("mlp", threads: 2, CallWork(flops: 11, bytes: 21), ratio: 0.5, cpu: "a")
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try it.write(to: path)
    let read = try Thresholds(path: path)
    #expect(read == it && read.processors["a"]?.count == 2)
    let entry = try #require(read.entry("mlp", threads: 2, cpu: "a"))
    #expect(entry.work == CallWork(flops: 11, bytes: 21))
    #expect(entry.atLeast == 0.5 * Thresholds.margin)
    #expect(read.entry("mlp", threads: 1, cpu: "a") == nil && read.entry("mlp", threads: 2, cpu: "b") == nil)
  }

  @Test func filesThatAreNoneAreErrors() throws {
    #expect(throws: BenchError.self) { try Thresholds(path: "/nowhere.json") }
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("[]".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: BenchError.self) { try Thresholds(path: path) }
    // Recording must not lose what it cannot read.
    let command = try CheckCommand.parse(["--thresholds", path, "--record", "--only", "empty-tasks"])
    #expect(throws: BenchError.self) { try command.run() }
  }

  @Test func whatGotSlowerIsSaid() {
    let text = CheckCommand.sentence("mlp at 2 threads", 0.6, 0.8)
    #expect(
      text == "mlp at 2 threads: 0.600 of the reference loop's speed, "
        + "25 % below the threshold of 0.800")
  }

  @Test func casesAreToldApartAndCoverTheSuite() throws {
    let cases = CheckCase.all(threads: [1, 2], products: .products(backEnd: "openblas"))
    #expect(Set(cases.map { "\($0.name) \($0.threads)" }).count == cases.count)
    for workload in Workload.suite { #expect(cases.count { $0.name == workload.name } == 2) }
    for name in CheckCase.streaming { #expect(cases.contains { $0.name == name }, "\(name)") }
    #expect(throws: (any Error).self) { try CheckCommand.parse(["--only", "bogus"]).run() }
  }
}
