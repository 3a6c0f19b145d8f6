import Foundation
import Testing
import TributaryTestSupport

@testable import TributaryBench

/// `suite --costs FILE` and `--granularity`.
@Suite(.serialized) struct StepCostsTests {
  private func entries(_ path: String) throws -> [[String: Any]] {
    let file = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
    return try #require((file as? [String: Any])?["entries"] as? [[String: Any]])
  }

  @Test func whatIsNotInTheFileIsMeasuredAndAdded() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("costs")
    func measure(_ cuts: CutSize, threads: Int) throws {
      _ = try StepMeasurement(
        workload: "siamese", threads: threads, seconds: 0.01, settings: StepSettings(cuts: cuts, costs: path))
    }
    try measure(.default, threads: 1)
    let first = try entries(path)
    #expect(first.count == 1 && first[0]["workers"] as? Int == 1)
    let written = try folder.bytes(of: "costs")
    // Known by now, for other numbers of threads too.
    try measure(.default, threads: 1)
    try measure(.default, threads: 2)
    #expect(try folder.bytes(of: "costs") == written)
    try measure(.fine, threads: 1)
    let both = try entries(path)
    #expect(both.count == 2 && Set(both.compactMap { $0["plan"] as? String }).count == 2)
    let counts = both.compactMap { ($0["seconds"] as? [Any])?.count }
    #expect(counts.count == 2 && counts[0] < counts[1])
  }

  @Test func filesThatAreNoneAreRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array("{".utf8), to: "costs")
    #expect(throws: (any Error).self) {
      try StepMeasurement(
        workload: "seed-dag-5", threads: 1, seconds: 0.01, settings: StepSettings(costs: folder.path("costs"))
      )
    }
  }
}
