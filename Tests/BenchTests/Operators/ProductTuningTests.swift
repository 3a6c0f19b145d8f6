import Foundation
import Testing
import TributaryOps

@testable import TributaryBench

@Suite struct ProductTuningTests {
  @Test("a row for each product: a rate for each way, the fastest, the table's and its share")
  func rows() throws {
    let path = NSTemporaryDirectory() + "products-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let probes = [ProductProbe(4, 64, 10, transposeB: true), ProductProbe(16, 16, 16, dtype: .float64)]
    try ProductTuning(seconds: 0.0005, probes: probes).run(json: JSONLines(path: path))
    let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(rows.map { $0["product"] as? String } == ["4×64×10", "16×16×16"])
    #expect(rows.map { $0["form"] as? String } == ["NT", "NN"])
    for (row, probe) in zip(rows, probes) {
      let rates = probe.ways.map { row["\($0)"] as? Double ?? .nan }
      #expect(rates.allSatisfy { $0 > 0 })
      #expect(row["table"] as? String == "\(probe.chosen)")
      let share = try #require(row["share"] as? Double)
      #expect(share > 0 && share <= 1)
    }
    #expect(rows[1]["onednn:sgemm"] is NSNull)
  }

  @Test func allShapesAreMeasuredInEveryForm() {
    #expect(ProductTuning.all.count == 3 * (23 + 5))
    #expect(ProductTuning.all.count { $0.dtype == .float64 } == 15)
  }
}
