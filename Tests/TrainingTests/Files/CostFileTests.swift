import Testing
import TributaryAutodiff
import TributaryTestSupport

@testable import TributaryTraining

/// Files of measured costs: what is written is read again, and what is wrong is named.
@Suite struct CostFileTests {
  private let here = CostFile.Machine(processor: "AuthenticAMD 26.2", level: "avx512")
  private let there = CostFile.Machine(processor: "GenuineIntel 6.143", level: "avx2")

  private func costs(_ plan: String, _ workers: Int, _ seconds: [Double] = [1e-6, 2.5e-5]) -> MeasuredCosts {
    MeasuredCosts(plan: plan, workers: workers, runs: 3, seconds: seconds)
  }

  private func written(_ text: String) throws -> (TemporaryFolder, String) {
    let folder = try TemporaryFolder()
    try folder.write(Array(text.utf8), to: "costs")
    return (folder, folder.path("costs"))
  }

  private func failure(_ text: String) throws -> CostFileError? {
    let (folder, path) = try written(text)
    defer { withExtendedLifetime(folder) {} }
    do {
      _ = try CostFile(contentsOf: path)
      return nil
    } catch let error as CostFileError {
      return error
    }
  }

  @Test func whatIsWrittenIsRead() throws {
    let folder = try TemporaryFolder()
    var file = try CostFile(contentsOf: folder.path("costs"))
    #expect(file.entries.isEmpty)
    try file.write(to: folder.path("costs"))
    #expect(try CostFile(contentsOf: folder.path("costs")) == file)
    file.add(costs("a", 1), on: here)
    file.add(costs("a", 2, [0, 1e-9, 1e9, 0.1 + 0.2]), on: here)
    file.add(costs("b \"quoted\"", 2), on: there)
    try file.write(to: folder.path("costs"))
    #expect(try CostFile(contentsOf: folder.path("costs")) == file)
    #expect(try folder.names() == ["costs"])
  }

  @Test func theNearestNumberOfWorkersServes() {
    var file = CostFile()
    for workers in [8, 1, 4] { file.add(costs("a", workers), on: here) }
    file.add(costs("a", 2), on: there)
    func found(_ workers: Int) -> CostFile.Finding { file.costs(of: "a", on: here, workers: workers) }
    #expect(found(1) == .costs(costs("a", 1)))
    #expect(found(2) == .costs(costs("a", 1)))
    #expect(found(6) == .costs(costs("a", 4)))
    #expect(found(64) == .costs(costs("a", 8)))
    file.add(costs("a", 8, [7]), on: here)
    #expect(found(8) == .costs(costs("a", 8, [7])) && file.entries.count == 4)
  }

  @Test func otherMachinesAndPlansAreSaidToBe() {
    var file = CostFile()
    file.add(costs("a", 2), on: there)
    let others = file.costs(of: "a", on: here, workers: 2)
    #expect(others == .otherMachines([there]))
    #expect(
      others.notice(path: "c.json", machine: here)
        == "c.json has costs of this plan only from GenuineIntel 6.143 at avx2, and this is AuthenticAMD 26.2 at "
        + "avx512; priorities follow the cost model until tasks are measured here")
    let nothing = file.costs(of: "b", on: there, workers: 2)
    #expect(nothing == .nothing)
    #expect(nothing.notice(path: "c.json", machine: there)?.contains("no costs of this plan yet") == true)
    #expect(file.costs(of: "a", on: there, workers: 2).notice(path: "c.json", machine: there) == nil)
  }

  @Test(arguments: [
    ("", CostFileError.Code.malformed, "(byte 0"),
    ("\u{1}\u{2}", .malformed, "(byte 0"),
    ("[]", .wrongMember, "the file must be an object"),
    ("{}", .wrongMember, "the file has no member “tributary_costs”"),
    (#"{"tributary_costs": 2, "entries": []}"#, .wrongVersion, "version 2 and this program reads version 1"),
    (#"{"tributary_costs": "1", "entries": []}"#, .wrongMember, "“tributary_costs” must be a whole number"),
    (#"{"tributary_costs": 1, "entries": 3}"#, .wrongMember, "“entries” must be a list"),
    (#"{"tributary_costs": 1, "entries": [], "x": 1}"#, .wrongMember, "an unknown member “x”"),
    (#"{"tributary_costs": 1, "entries": [7]}"#, .wrongMember, "entry 0 must be an object"),
  ])
  func whatIsWrongIsNamed(_ text: String, _ code: CostFileError.Code, _ part: String) throws {
    let error = try #require(try failure(text))
    #expect(error.code == code && error.message.contains(part), "\(error)")
    #expect(error.description.contains("is no file of measured costs"))
    #expect(error.description.hasSuffix("Delete it, or give --costs another path; it is then written anew"))
  }

  @Test(arguments: [
    ("processor", "1", "“processor” of entry 0 must be a text"),
    ("level", "null", "“level” of entry 0 must be a text"),
    ("plan", "[]", "“plan” of entry 0 must be a text"),
    ("workers", "0", "“workers” of entry 0 must be a whole number above 0"),
    ("runs", "1.5", "“runs” of entry 0 must be a whole number above 0"),
    ("seconds", "{}", "“seconds” of entry 0 must be a list"),
    ("seconds", "[1, -1]", "times of 0 or more, and is not at task 1"),
    ("seconds", "[1, 1e999]", ""),
    ("seconds", "[null]", "times of 0 or more, and is not at task 0"),
  ])
  func wrongMembersOfEntriesAreNamed(_ name: String, _ value: String, _ part: String) throws {
    var members = [
      "processor": #""p""#, "level": #""l""#, "plan": #""a""#, "workers": "1", "runs": "1", "seconds": "[1]",
    ]
    func text() -> String {
      let list = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
      return "{\"tributary_costs\": 1, \"entries\": [{\(list.joined(separator: ", "))}]}"
    }
    #expect(try failure(text()) == nil)
    members[name] = value
    let error = try #require(try failure(text()))
    #expect(error.message.contains(part), "\(error)")
    members[name] = nil
    #expect(try failure(text())?.message == "entry 0 has no member “\(name)”")
  }

  @Test func everyTruncationIsAnError() throws {
    let folder = try TemporaryFolder()
    var file = CostFile()
    file.add(costs("a", 1), on: here)
    file.add(costs("b", 2), on: there)
    try file.write(to: folder.path("costs"))
    let bytes = try folder.bytes(of: "costs")
    for count in 0..<bytes.count - 2 {
      try folder.write(Array(bytes[..<count]), to: "cut")
      #expect(throws: CostFileError.self) { try CostFile(contentsOf: folder.path("cut")) }
    }
  }

  @Test func aFolderIsNoFile() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.self) { try CostFile(contentsOf: folder.path("")) }
    #expect(throws: FileError.self) { try CostFile().write(to: folder.path("")) }
  }
}
