import Foundation
import Testing
import TributaryAutodiff
import TributaryMeasuring

/// What is made of a profile: shares, rates, tables and JSON.
@Suite(.serialized) struct ProfileReportTests {
  /// Two runs of 10 ms on two workers: 24 ms in operators, 4 ms scheduling, 12 ms idle.
  private static func profile(steps: String? = nil, runs: Int = 2) throws -> ExecutionProfile {
    let usual = """
      [{"name": "a/matmul", "operatorName": "matmul", "shards": 4, "flops": 1e9, "bytes": 3e6,
        "seconds": [0.008, 0.010], "sharedSeconds": 0},
       {"name": "b/matmul", "operatorName": "matmul", "shards": 1, "flops": 1e8, "bytes": 1e6,
        "seconds": [0.001, 0.001], "sharedSeconds": 0.002},
       {"name": "c/tanh", "operatorName": "tanh", "shards": 2, "flops": 1e6, "bytes": 8e6,
        "seconds": [0.004, 0], "sharedSeconds": 0.001}]
      """
    let text = """
      {"runs": \(runs), "tasks": 7, "workers": 2, "wallSeconds": 0.02, "busySeconds": 0.028, "steps": \(steps ?? usual)}
      """
    return try JSONDecoder().decode(ExecutionProfile.self, from: Data(text.utf8))
  }

  private func near(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) < 1e-5 } ?? false }

  @Test func sharesAreOfTheWorkersTime() throws {
    let it = ProfileReport(try Self.profile(), rates: nil)
    #expect(near(it.wallMs, 10) && it.runs == 2 && it.tasks == 7)
    #expect(near(it.operatorShare, 0.6) && near(it.schedulingShare, 0.1) && near(it.idleShare, 0.3))
    #expect(near(it.sharedShare, 0.003 / 0.024) && it.roofline == nil)
    #expect(it.workers.count == 2 && near(it.workers[0].ms, 6.5) && near(it.workers[1].share, 0.55))
  }

  @Test func kindsGatherOperatorsDearestFirst() throws {
    let it = ProfileReport(try Self.profile(), rates: nil)
    #expect(it.kinds.map(\.operator) == ["matmul", "tanh"])
    let products = it.kinds[0]
    #expect(products.count == 2 && products.shards == 5 && near(products.ms, 10))
    #expect(near(products.share, 20.0 / 24) && near(products.gflops, 1.1e9 / 0.01 / 1e9))
    #expect(near(products.gbs, 0.4) && near(products.shared, 0.1))
    #expect(near(products.workersMs[0], 4.5) && near(products.workersMs[1], 5.5))
    #expect(it.dearest.map(\.name) == ["a/matmul", "c/tanh", "b/matmul"])
  }

  @Test func onlyTenAreTheDearest() throws {
    let steps = (0..<12).map { number in
      """
      {"name": "s\(number)", "operatorName": "exp", "shards": 1, "flops": 1, "bytes": 8, "seconds": [0.001\(number), 0],
       "sharedSeconds": 0}
      """
    }
    let it = ProfileReport(try Self.profile(steps: "[\(steps.joined(separator: ","))]"), rates: nil)
    #expect(it.dearest.count == 10 && it.kinds.count == 1 && it.kinds[0].count == 12)
  }

  @Test func theRooflineIsTheWorkersPartOfTheMachines() throws {
    let rates = try MachineRates(threads: 2, seconds: 0.001)
    let it = ProfileReport(try Self.profile(), rates: rates)
    // A worker has half of what two threads reach together; tanh takes 2 ms a run.
    let least = 2 * rates.roofline(.cache).seconds(CallWork(flops: 1e6, bytes: 8e6))
    #expect(near(it.kinds[1].roofline, least / 0.002))
    #expect((it.roofline ?? 0) > 0)
  }

  @Test func sizesChooseTheRate() {
    #expect(ShapeClass(holding: 12_288) == .small && ShapeClass(holding: 12_289) == .cache)
    #expect(ShapeClass(holding: 32e6) == .cache && ShapeClass(holding: 33e6) == .memory)
  }

  @Test func tablesAndJSONTellTheSame() throws {
    let it = ProfileReport(try Self.profile(), rates: nil)
    let text = it.description
    for part in [
      "2 runs of 7 tasks, 10.00 ms each", "60.0 % in operators", "10.0 % scheduling", "30.0 % idle", "12.5 %",
      "a/matmul", "worker 1",
    ] { #expect(text.contains(part), "\(part) in \(text)") }
    let line = try it.json(("workload", "mlp"), threads: 2)
    #expect(!line.contains("\n"))
    let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["system"] as? String == "tributary" && object["workload"] as? String == "mlp")
    #expect(object["threads"] as? Int == 2 && object["cpu"] is String)
    let profile = try #require(object["profile"] as? [String: Any])
    #expect(near(profile["idle_share"] as? Double, 0.3))
    #expect((profile["kinds"] as? [[String: Any]])?.first?["workers_ms"] is [Double])
    #expect((profile["dearest"] as? [Any])?.count == 3 && (profile["workers"] as? [Any])?.count == 2)
  }

  @Test func nothingRecordedIsSaid() throws {
    let it = ProfileReport(try Self.profile(runs: 0), rates: nil)
    #expect(it.description.hasPrefix("no whole run was recorded"))
  }
}
