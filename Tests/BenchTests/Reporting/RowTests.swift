import Foundation
import Testing
import TributaryMeasuring

@testable import TributaryBench

@Suite struct RowTests {
  @Test func jsonKeepsOrderAndTypes() throws {
    let row = Row(
      [
        "system": "tributary", "threads": 2, "ns_per_task": .number(12.3456, decimals: 2), "same_bits": true,
        "first_s": .missing, "odd": .number(.nan, decimals: 1),
      ], cpu: "AuthenticAMD 26.2")
    let expected =
      #"{"system": "tributary", "threads": 2, "ns_per_task": 12.35, "same_bits": true, "first_s": null, "#
      + #""odd": null, "cpu": "AuthenticAMD 26.2"}"#
    #expect(row.json == expected)
    let object = try JSONSerialization.jsonObject(with: Data(row.json.utf8)) as? [String: Any]
    #expect(object?["threads"] as? Int == 2)
  }

  @Test(arguments: ["plain", "quote \" and \\", "line\nend\ttab\u{1}", "é✓"])
  func textSurvivesJSON(text: String) throws {
    let row = Row(["name": .text(text)], cpu: "c")
    let object = try JSONSerialization.jsonObject(with: Data(row.json.utf8)) as? [String: Any]
    #expect(object?["name"] as? String == text)
  }

  @Test func processorIsVendorFamilyModel() {
    let text =
      "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 26\nmodel\t\t: 2\nmodel name\t: X: Y\n"
    #expect(Processor.name(cpuinfo: text) == "AuthenticAMD 26.2")
    #expect(Processor.name(cpuinfo: "") == "unknown")
  }

  @Test func rowsAreAppendedToTheFile() throws {
    let path = FileManager.default.temporaryDirectory.path + "/rows-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    for threads in 1...2 {
      let file = try JSONLines(path: path)
      try file.append(Row(["threads": .integer(threads)], cpu: "c"))
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == "{\"threads\": 1, \"cpu\": \"c\"}\n{\"threads\": 2, \"cpu\": \"c\"}\n")
  }

  @Test(arguments: ["/nowhere/at/all.json", "/"])
  func aFileThatCannotBeWrittenIsAnError(path: String) {
    #expect(throws: BenchError.self) { try JSONLines(path: path) }
  }
}
