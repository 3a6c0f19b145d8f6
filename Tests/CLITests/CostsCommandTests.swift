import Foundation
import Testing
import TributaryTestSupport

/// `tributary train --costs FILE`.
@Suite(.serialized) struct CostsCommandTests {
  private func train(_ folder: TemporaryFolder, _ more: [String]) throws -> Command.Result {
    try Command.run(
      [
        "train", "--dataset", folder.path(""), "--epochs", "2", "--batch", "64", "--json",
        folder.path("json"),
      ] + more)
  }

  private func digest(_ folder: TemporaryFolder) throws -> String {
    try #require(folder.jsonLines("json").last?["parameters_sha256"] as? String)
  }

  @Test func costsAreKeptAndChangeNoBits() throws {
    let folder = try SmallImages.folder()
    try #require(try train(folder, ["--threads", "1"]).status == 0)
    let expected = try digest(folder)
    for (threads, isKnown) in [(2, false), (2, true), (1, true), (3, true)] {
      let result = try train(folder, ["--threads", "\(threads)", "--costs", folder.path("costs")])
      try #require(result.status == 0, "\(result.errors)")
      #expect(try digest(folder) == expected)
      #expect(result.errors.contains("has no costs of this plan yet") == !isKnown, "\(result.errors)")
    }
    let text = try String(contentsOfFile: folder.path("costs"), encoding: .utf8)
    let file = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let entries = try #require(file["entries"] as? [[String: Any]])
    #expect(entries.compactMap { $0["workers"] as? Int } == [2, 1, 3])
    // The same plan on another machine: said, and measured anew.
    let processor = try #require(entries[0]["processor"] as? String)
    let foreign = text.replacingOccurrences(of: processor, with: "Another 1.1")
    try folder.write(Array(foreign.utf8), to: "costs")
    let result = try train(folder, ["--threads", "2", "--costs", folder.path("costs")])
    #expect(result.status == 0 && result.errors.contains("only from Another 1.1 at"), "\(result.errors)")
    #expect(try digest(folder) == expected)
  }

  @Test func filesThatAreNoneEndWithASentence() throws {
    let folder = try SmallImages.folder()
    try folder.write(Array("{\"tributary_costs\": 1, \"ent".utf8), to: "cut")
    let result = try train(folder, ["--costs", folder.path("cut")])
    #expect(result.status == 1 && result.errors.contains("cut is no file of measured costs"))
    #expect(result.errors.contains("Delete it"), "\(result.errors)")
    #expect(try String(contentsOfFile: folder.path("cut"), encoding: .utf8).count == 27)
  }
}
