internal import ArgumentParser
internal import Foundation
internal import TributaryScheduler
internal import TributaryWorkloads

/// `tributary-bench scaling`: what a workload gains from more threads.
struct ScalingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract:
      "Time workloads' steps at 1…N threads: speed-up, efficiency, steals, idle share; or predict them.",
    discussion: """
      One number in --threads means from 1 up to it; several mean those. --simulate measures each task on one worker, and \
      plays the executor's policy with these times for the workers asked for. A task that streams memory takes longer where \
      others stream too. The bound is what asks for the most time: the work shared evenly, the most expensive chain of tasks, \
      scheduling, or the bytes. The ratio is the predicted time divided by the one measured in the same process.
      """)

  @OptionGroup var options: BenchOptions
  @OptionGroup var steps: StepOptions
  @OptionGroup var simulation: SimulationOptions

  @Option(help: ArgumentHelp("Workloads with commas, or “all”.", valueName: "name,name"))
  var workload = "mlp-wide"

  @Option(help: ArgumentHelp("A file to write the rows to as comma-separated values.", valueName: "file"))
  var csv: String?

  func validate() throws {
    do { _ = try workloads } catch { throw ValidationError(error.description) }
    if simulation.simulate != nil, steps.costs != nil {
      throw ValidationError("--simulate measures every task itself; leave --costs out")
    }
  }

  private var workloads: [String] {
    get throws(WorkloadError) {
      if workload == "all" { return Workload.suite.map(\.name) }
      var names: [String] = []
      for name in workload.split(separator: ",") { names.append(try Workload.named(String(name)).name) }
      guard !names.isEmpty else { return [try Workload.named(workload).name] }
      return names
    }
  }

  func run() throws {
    let rows = simulation.simulate == nil ? try timed() : try simulated()
    if let csv { try CSVFile(rows).write(to: csv) }
  }

  private func timed() throws -> [Row] {
    let counts = try threadCounts()
    var report = Report(
      [
        .init("workload", width: 12), .init("threads"), .init("median_ms", width: 10), .init("speedup"),
        .init("efficiency"), .init("steals_per_step"), .init("idle_share"),
      ], json: try options.jsonFile())
    var rows: [Row] = []
    for workload in try workloads {
      var points: [(threads: Int, speedup: Double)] = []
      var first: Double?
      for threads in counts {
        let measured = try StepMeasurement(
          inProcessOfItsOwn: workload, threads: threads, seconds: options.seconds ?? 2,
          settings: steps.settings)
        // Against the first count, which counts as perfectly efficient.
        let single = first ?? measured.medianMilliseconds * Double(threads)
        first = single
        let speedup = single / measured.medianMilliseconds
        let row = measured.scalingRow(workload: workload, threads: threads, speedup: speedup)
        try report.add(row)
        rows.append(row)
        points.append((threads, speedup))
      }
      print("\nspeed-up of \(workload), │ marks a perfect one\n\(ScalingChart(points: points))\n")
    }
    return rows
  }

  private func simulated() throws -> [Row] {
    var rows: [Row] = []
    for workload in try workloads {
      let arguments =
        ["simulate-step", "--workload", workload, "--seconds", "\(options.seconds ?? 3)"]
        + steps.settings.arguments + simulation.arguments
      let result = try JSONDecoder().decode(
        SimulatedScaling.self, from: ChildProcess.output(of: arguments))
      print("\n" + result.heading(workload))
      var report = Report(
        [
          .init("workers"), .init("predicted_ms", width: 12), .init("speedup"), .init("bound", width: 13),
          .init("measured_ms", width: 11), .init("ratio"),
        ], json: try options.jsonFile())
      for row in result.rows(workload) {
        try report.add(row)
        rows.append(row)
      }
    }
    return rows
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
