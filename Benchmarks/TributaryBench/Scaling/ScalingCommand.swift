internal import ArgumentParser
internal import Foundation
internal import TributaryScheduler
internal import TributaryWorkloads

/// `tributary-bench scaling`: what a workload gains from more threads.
struct ScalingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract: "Time a workload's step at 1…N threads: speed-up, efficiency, steals, idle share.",
    discussion: "One number in --threads means from 1 up to it; several mean those.")

  @OptionGroup var options: BenchOptions

  @Option(help: ArgumentHelp("The workload.", valueName: "name"))
  var workload = "mlp-wide"

  @Option(help: ArgumentHelp("A file to write the rows to as comma-separated values.", valueName: "file"))
  var csv: String?

  func validate() throws {
    do { _ = try Workload.named(workload) } catch { throw ValidationError(error.description) }
  }

  func run() throws {
    let counts = try threadCounts()
    var report = Report(
      [
        .init("workload", width: 12), .init("threads"), .init("median_ms", width: 10), .init("speedup"),
        .init("efficiency"), .init("steals_per_step"), .init("idle_share"),
      ], json: try options.jsonFile())
    var rows: [Row] = []
    var points: [(threads: Int, speedup: Double)] = []
    var first: Double?
    for threads in counts {
      let measured = try StepMeasurement(
        inProcessOfItsOwn: workload, threads: threads, seconds: options.seconds ?? 2)
      // Against the first count, which counts as perfectly efficient.
      let single = first ?? measured.medianMilliseconds * Double(threads)
      first = single
      let speedup = single / measured.medianMilliseconds
      let row = measured.scalingRow(workload: workload, threads: threads, speedup: speedup)
      try report.add(row)
      rows.append(row)
      points.append((threads, speedup))
    }
    print("\nspeed-up, │ marks a perfect one\n\(ScalingChart(points: points))")
    if let csv { try CSVFile(rows).write(to: csv) }
  }

  private func threadCounts() throws -> [Int] {
    let counts = try options.threadCounts()
    return counts.count == 1 || options.threads.isEmpty ? Array(1...(counts.max() ?? 1)) : counts
  }
}

extension StepMeasurement {
  fileprivate func scalingRow(workload: String, threads: Int, speedup: Double) -> Row {
    Row([
      "system": "tributary", "workload": .text(workload), "threads": .integer(threads),
      "median_ms": .number(medianMilliseconds, decimals: 4),
      "min_ms": .number(minimumMilliseconds, decimals: 4),
      "runs": .integer(runs), "speedup": .number(speedup, decimals: 2),
      "efficiency": .number(speedup / Double(threads), decimals: 2),
      "steals_per_step": .number(stealsPerStep, decimals: 2), "idle_share": .number(idleShare, decimals: 3),
    ])
  }
}

/// Rows as comma-separated values with a line of titles.
struct CSVFile {
  private let text: String

  init(_ rows: [Row]) {
    let titles = rows.first?.cells.map(\.name) ?? []
    let lines = [titles] + rows.map { row in row.cells.map(\.cell.text) }
    text = lines.map { $0.joined(separator: ",") + "\n" }.joined()
  }

  /// Writes the file.
  /// - Throws: `BenchError` when it cannot be written.
  func write(to path: String) throws {
    do {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw BenchError(
        "cannot write “\(path)”: \(error.localizedDescription); give --csv a file that can be written")
    }
  }
}
