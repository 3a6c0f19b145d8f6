import Testing
import TributaryAutodiff

@testable import TributaryBench

@Suite(.serialized) struct StepProfileTests {
  @Test(arguments: [("seed-dag-5", 1), ("ensemble", 2)])
  func stepsAreProfiledOnlyWhereAskedFor(name: String, threads: Int) throws {
    let plain = try StepMeasurement(workload: name, threads: threads, seconds: 0.01)
    #expect(plain.profile == nil)
    let measured = try StepMeasurement(workload: name, threads: threads, seconds: 0.01, profiling: true)
    let profile = try #require(measured.profile)
    #expect(profile.runs > 0 && profile.workers == threads)
    #expect(profile.steps.contains { $0.operatorName == "matmul" && $0.totalSeconds > 0 && $0.flops > 0 })
    #expect(profile.operatorSeconds <= profile.wallSeconds * Double(threads))
  }
}
