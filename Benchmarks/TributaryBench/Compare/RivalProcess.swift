internal import Foundation

/// A program of the peers', run in a process of its own.
enum RivalProcess {
  /// How a program ended.
  struct Outcome: Sendable {
    var output: String
    var errors: String
    /// The exit status; nil when it was ended for taking too long.
    var status: Int32?
  }

  private static let errorLines = 12

  /// Runs a command to its end, or ends it after so many seconds.
  /// - Throws: `BenchError` when it cannot be started.
  static func run(_ command: [String], timeout: Double) throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rival-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files rather than pipes: nothing blocks on a full pipe, and what was printed before an end by force is kept.
    let files = ["output", "errors"].map { folder.appendingPathComponent($0) }
    for file in files { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    do { try process.run() } catch { throw BenchError("\(command[0]) cannot be run: \(error)") }
    let end = ContinuousClock.now + .seconds(timeout)
    while process.isRunning, ContinuousClock.now < end { usleep(20_000) }
    let isLate = process.isRunning
    if isLate { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    let texts = files.map { (try? String(contentsOf: $0, encoding: .utf8)) ?? "" }
    return Outcome(output: texts[0], errors: texts[1], status: isLate ? nil : process.terminationStatus)
  }

  /// One row as the peers' programs print it.
  struct PrintedRow: Decodable, Sendable {
    var median_ms: Double?
    var min_ms: Double?
    var runs: Int?
    var first_s: Double?
    var peak_rss_mb: Double?
    var error: String?
  }

  /// The row of a program that measured one workload.
  /// - Throws: `BenchError` with what the program itself says is wrong.
  static func row(of outcome: Outcome, timeout: Double) throws -> PrintedRow {
    guard let status = outcome.status else {
      throw BenchError("no result within \(Int(timeout)) s\(tail(outcome.errors))")
    }
    guard status == 0 else { throw BenchError("ended with status \(status)\(tail(outcome.errors))") }
    let line = outcome.output.split(separator: "\n").last { $0.hasPrefix("{") }
    guard let line, let row = try? JSONDecoder().decode(PrintedRow.self, from: Data(line.utf8)) else {
      throw BenchError("printed no row\(tail(outcome.errors))")
    }
    if let error = row.error { throw BenchError(error + tail(outcome.errors)) }
    guard row.median_ms != nil else { throw BenchError("printed a row without median_ms: \(line)") }
    return row
  }

  /// The last lines that a program wrote to standard error, indented.
  private static func tail(_ errors: String) -> String {
    errors.split(separator: "\n").suffix(errorLines).map { "\n    \($0)" }.joined()
  }
}
