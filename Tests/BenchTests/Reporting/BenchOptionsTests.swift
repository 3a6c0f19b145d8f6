import ArgumentParser
import Testing

@testable import TributaryBench

@Suite struct BenchOptionsTests {
  @Test func readsLists() throws {
    let options = try BenchOptions.parse(["--threads", "1,2,32", "--seconds", "0.5", "--json", "rows.json"])
    #expect(try options.threadCounts() == [1, 2, 32])
    #expect(options.seconds == 0.5)
    #expect(options.json == "rows.json")
  }

  @Test func defaultCountsBeginWithOne() throws {
    let counts = try BenchOptions.parse([]).threadCounts()
    #expect(counts.first == 1 && counts.count <= 2)
  }

  @Test(arguments: [
    ["--threads", "0"], ["--threads", "1025"], ["--threads", "1,,2"], ["--threads", "a"], ["--threads", ""],
    ["--seconds", "0"], ["--seconds", "-1"], ["--seconds", "nan"], ["--bogus"],
  ])
  func wrongCommandLinesExitWith64(arguments: [String]) {
    #expect {
      try BenchOptions.parse(arguments)
    } throws: { error in
      BenchOptions.exitCode(for: error).rawValue == 64
    }
  }
}
