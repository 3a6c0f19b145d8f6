internal import ArgumentParser
internal import Foundation
internal import TributaryScheduler

/// What neighbours cost: processes, executors and workers that share the processors.
struct CrowdCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crowd",
    abstract:
      "Compare processes side by side, executors side by side, and more workers than cores, with the plain case.",
    discussion: """
      processes: steps a second of two processes that train mlp at once, both with default settings, over those of one. \
      executors: time of four executors that train mlp in turn over that of the four at once. workers-mlp and \
      workers-layered: time of a run on 2 workers over that on 32, of an mlp step and of layered-256x256x4 with bodies \
      of 10 µs. Each is a ratio to the plain case: above 1 the crowd is faster. All are medians of several rounds, taken in turn.
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: ArgumentHelp("How many rounds to take the median of.", valueName: "n"))
  var rounds = 5

  func validate() throws {
    if rounds < 1 { throw ValidationError("--rounds is \(rounds): give at least 1") }
  }

  func run() throws {
    var report = Report(
      [
        .init("what", width: 16), .init("ratio", width: 7), .init("plain", width: 10),
        .init("crowd", width: 10),
        .init("unit", width: 8), .init("rounds"),
      ], json: try options.jsonFile())
    let seconds = options.seconds ?? 2
    try report.add(
      try row("processes", unit: "steps/s", isRate: true, Neighbours.processes(seconds: seconds)))
    try report.add(try row("executors", unit: "s", isRate: false, Neighbours.executors(steps: 200)))
    try report.add(
      try row("workers-mlp", unit: "ms", isRate: false, Neighbours.workersOnMLP(seconds: seconds / 4)))
    try report.add(
      try row("workers-layered", unit: "ms", isRate: false, Neighbours.workersOnLayers(seconds: seconds / 4)))
  }

  /// One comparison, repeated.
  private func row(
    _ what: String, unit: String, isRate: Bool, _ compare: () throws -> (plain: Double, crowd: Double)
  ) throws -> Row {
    let taken = try (0..<rounds).map { _ in try compare() }
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    let ratio = median(taken.map { isRate ? $0.crowd / $0.plain : $0.plain / $0.crowd })
    return Row([
      "system": "tributary", "what": .text(what), "ratio": .number(ratio, decimals: 3),
      "plain": .number(median(taken.map(\.plain)), decimals: 3),
      "crowd": .number(median(taken.map(\.crowd)), decimals: 3), "unit": .text(unit),
      "rounds": .integer(rounds),
    ])
  }
}
