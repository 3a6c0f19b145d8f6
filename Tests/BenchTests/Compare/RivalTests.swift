import ArgumentParser
import Foundation
import Testing

@testable import TributaryBench

/// The programs of the peers: who runs them, and what becomes of their errors.
@Suite struct RivalTests {
  private func row(_ script: String, timeout: Double = 60) throws -> RivalProcess.PrintedRow {
    try RivalProcess.row(of: RivalProcess.run(["sh", "-c", script], timeout: timeout), timeout: timeout)
  }

  @Test func theFirstInterpreterThatImportsIsUsed() throws {
    let it = try PythonInterpreters(["a", "b"]) { python, module in
      switch (python, module) {
      case ("b", .torch), ("a", .jax), ("b", .jax): .success("\(python)-1")
      default: .failure(BenchError("no \(module.rawValue) in \(python)"))
      }
    }
    #expect(it.found[.torch] == .init(python: "b", version: "b-1"))
    #expect(it.found[.jax] == .init(python: "a", version: "a-1"))
    #expect(it.found[.tensorflow] == nil && it.missing.count == 1)
    let text = try #require(it.missing.first)
    #expect(text.contains("TensorFlow") && text.contains("pip install tensorflow-cpu"))
    #expect(text.contains("a: no tensorflow in a") && text.contains("b: no tensorflow in b"))
    #expect(it.failures[.torch] == nil)
  }

  @Test func anInterpreterThatIsNoneHasNothing() throws {
    let it = try PythonInterpreters(["/nowhere/python"])
    #expect(it.found.isEmpty && it.missing.count == 3)
  }

  @Test func rowsAreRead() throws {
    let read = try row(#"echo noise; echo '{"median_ms": 1.5, "min_ms": 1, "runs": 7, "system": "x"}'"#)
    #expect(read.median_ms == 1.5 && read.min_ms == 1 && read.runs == 7 && read.first_s == nil)
  }

  @Test(arguments: [
    ("echo why >&2; exit 3", ["status 3", "why"]),
    (#"echo '{"error": "out of memory"}'; echo trace >&2"#, ["out of memory", "trace"]),
    ("echo hello; echo warning >&2", ["printed no row", "warning"]),
    (#"echo '{"system": "x"}'"#, ["without median_ms"]),
  ])
  func errorsAreShown(script: String, parts: [String]) {
    let error = #expect(throws: BenchError.self) { try row(script) }
    for part in parts { #expect(error?.description.contains(part) == true, "\(part): \(error as Any)") }
  }

  @Test func whoeverTakesTooLongIsEnded() {
    let error = #expect(throws: BenchError.self) { try row("echo began >&2; exec sleep 60", timeout: 0.5) }
    #expect(error?.description.contains("no result within") == true)
    #expect(error?.description.contains("began") == true)
  }

  @Test func everyProgramIsThere() {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    for rival in Rival.all {
      let path = root.appendingPathComponent(Rival.folder).appendingPathComponent(rival.program).path
      #expect(FileManager.default.fileExists(atPath: path), "\(path)")
    }
    #expect(Set(Rival.all.map(\.system)).count == Rival.all.count)
  }

  @Test(arguments: [
    ["--rounds", "0"], ["--workloads", "nothing"], ["--timeout", "0"], ["--threads", "0"],
  ])
  func wrongCommandLinesExitWith64(arguments: [String]) {
    #expect {
      try CompareCommand.parse(arguments)
    } throws: { error in
      CompareCommand.exitCode(for: error).rawValue == 64
    }
  }

  @Test func readsItsOptions() throws {
    let read = try CompareCommand.parse(["--python", "a", "--python", "b", "--workloads", "mlp,rnn"])
    #expect(read.python == ["a", "b"] && read.workloads == ["mlp", "rnn"] && read.rounds == 3)
  }
}
