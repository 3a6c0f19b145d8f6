internal import ArgumentParser
internal import Foundation
internal import TributaryMeasuring

/// `tributary-bench check`: whether anything got slower than the committed thresholds allow.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Compare speeds, as ratios to reference loops of the same run, with committed thresholds.",
    discussion: """
      Steps of the suite are held against plain products of as many operations, operators that stream and empty tasks \
      against the triad. ratio is the reference loop's time divided by ours, the median of five turns. Exits with 1 and says \
      what got slower when a ratio is below its threshold, and when there are no thresholds for this processor: those are \
      made by --record, on a state of the sources that is known to be fast, with nothing else running.
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: ArgumentHelp("The file of thresholds.", valueName: "file"))
  var thresholds = "Benchmarks/thresholds.json"

  @Option(
    help: ArgumentHelp("Only these cases, by name with commas.", valueName: "a,b"),
    transform: { $0.split(separator: ",").map(String.init) })
  var only: [String] = []

  @Flag(help: "Set this processor's thresholds from what is measured, less 12 %.")
  var record = false

  func run() throws {
    var known =
      try record && !FileManager.default.fileExists(atPath: thresholds)
      ? Thresholds() : Thresholds(path: thresholds)
    var report = Report(
      [
        .init("case", width: 14), .init("threads"), .init("ratio", width: 7), .init("at_least"),
        .init("verdict", width: 8),
      ], json: try options.jsonFile())
    let products = try ReferenceLoop.fastestProducts(seconds: CheckCommand.secondsOfProbe)
    let cases = try chosen(CheckCase.all(threads: threadCounts, products: products))
    var slower: [String] = []
    var unknown: [String] = []
    for check in cases {
      let entry = record ? nil : known.entry(check.name, threads: check.threads, cpu: Processor.name)
      let (ratio, work) = try check.ratio(of: entry?.work, seconds: options.seconds ?? 0.6)
      let title = "\(check.name) at \(check.threads) thread\(check.threads == 1 ? "" : "s")"
      let verdict: String
      if record {
        known.record(check.name, threads: check.threads, work, ratio: ratio, cpu: Processor.name)
        verdict = "recorded"
      } else if let entry {
        verdict = ratio < entry.atLeast ? "slower" : "ok"
        if ratio < entry.atLeast { slower.append(CheckCommand.sentence(title, ratio, entry.atLeast)) }
      } else {
        verdict = "unknown"
        unknown.append(title)
      }
      let limit =
        entry ?? (record ? known.entry(check.name, threads: check.threads, cpu: Processor.name) : nil)
      try report.add(
        Row([
          "system": "tributary", "case": .text(check.name), "threads": .integer(check.threads),
          "ratio": .number(ratio, decimals: 3),
          "at_least": limit.map { .number($0.atLeast, decimals: 3) } ?? .missing, "verdict": .text(verdict),
        ]))
    }
    if record { try known.write(to: thresholds) }
    try conclude(slower, unknown)
  }

  private static let secondsOfProbe = 0.2

  private var threadCounts: [Int] { options.threads.isEmpty ? [1, 2] : options.threads }

  private func chosen(_ cases: [CheckCase]) throws -> [CheckCase] {
    for name in only where !cases.contains(where: { $0.name == name }) {
      var names: [String] = []
      for check in cases where !names.contains(check.name) { names.append(check.name) }
      throw ValidationError("“\(name)” is no case: choose from \(names.joined(separator: ", "))")
    }
    return only.isEmpty ? cases : cases.filter { only.contains($0.name) }
  }

  /// What got slower, and by how much.
  static func sentence(_ title: String, _ ratio: Double, _ atLeast: Double) -> String {
    let percent = ((1 - ratio / atLeast) * 100).rounded()
    return "\(title): \(Row.Cell.number(ratio, decimals: 3).text) of the reference loop's speed, "
      + "\(Int(percent)) % below the threshold of \(Row.Cell.number(atLeast, decimals: 3).text)"
  }

  private func conclude(_ slower: [String], _ unknown: [String]) throws {
    if !unknown.isEmpty {
      print(
        "\nno thresholds for \(Processor.name): \(unknown.joined(separator: ", ")); make them with --record on a state "
          + "that is known to be fast")
    }
    if !slower.isEmpty {
      print("\ngot slower:\n" + slower.map { "- \($0)" }.joined(separator: "\n"))
    }
    if !slower.isEmpty || !unknown.isEmpty { throw ExitCode.failure }
  }
}
