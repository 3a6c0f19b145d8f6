internal import ArgumentParser
internal import CHeap
internal import Foundation
internal import TributaryScheduler

/// Random task graphs on executors of random sizes, nests, clients, plans and cancelled steps: every task once, after its
/// predecessors, an end to every run, and the same results whoever else is about.
struct StressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stress",
    abstract:
      "Run random graphs, nests, clients, plans and cancelled steps, and check every result and that every run ends.",
    discussion: """
      Everything in a case follows from its seed; the next case has the next seed. A case that fails is printed \
      with its seed: repeat it with --seed SEED --count 1 and the other options as they were.
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: ArgumentHelp("How many cases to run.", valueName: "n"))
  var count = 1000

  @Option(help: ArgumentHelp("The seed of the first case.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp("Kinds of case, with commas; where not given, all but fair.", valueName: "kind,kind"),
    transform: StressCommand.kinds)
  var only: [StressKind] = StressKind.drawn

  @Option(help: ArgumentHelp("Seconds that a case may take before it counts as hung.", valueName: "s"))
  var patience = 60.0

  @Flag(
    help: """
      Keep every executor to the end: the number of threads is constant once each setting was drawn, and whatever \
      memory still grows is a leak.
      """)
  var keep = false

  @Option(
    help: ArgumentHelp(
      "Seconds after which growth of memory counts; a run longer than that prints it.", valueName: "s"))
  var settle = 300.0

  func validate() throws {
    if count < 1 { throw ValidationError("--count is \(count): give a number of cases, at least 1") }
    if !(patience > 0 && patience < 1e6) {
      throw ValidationError("--patience is \(patience): give a number of seconds")
    }
    if !(settle >= 0 && settle < 1e6) {
      throw ValidationError("--settle is \(settle): give a number of seconds")
    }
  }

  /// What ran of one kind.
  private struct Tally {
    var cases = 0
    var tasks = 0
    var seconds = 0.0
  }

  func run() throws {
    let json = try options.jsonFile()
    if keep { heap_share_arena() }
    let watchdog = StressWatchdog(patience: .seconds(patience))
    let counts = options.threads.isEmpty ? Array(1...32) : options.threads
    let start = ContinuousClock.now
    var executors = ExecutorCache(lasting: keep)
    var footprints = FootprintLog(settle: settle)
    var tallies: [StressKind: Tally] = [:]
    for position in 0..<count {
      if let seconds = options.seconds, start.duration(to: .now) >= .seconds(seconds) { break }
      var stressCase = StressCase(seed: seed &+ UInt64(position), kinds: only, threads: counts)
      let began = ContinuousClock.now
      let executor = try executors.executor(stressCase.setting)
      let tasks: Int
      do {
        tasks = try watchdog.watch(seed: stressCase.seed, executor) { try stressCase.run(on: executor) }
      } catch {
        throw BenchError(
          "seed \(stressCase.seed) (\(stressCase.kind), \(stressCase.setting)): \(error)")
      }
      tallies[stressCase.kind, default: Tally()].cases += 1
      tallies[stressCase.kind, default: Tally()].tasks += tasks
      tallies[stressCase.kind, default: Tally()].seconds += began.duration(to: .now) / .seconds(1)
      if let sample = try footprints.note(after: start.duration(to: .now) / .seconds(1)) {
        try json?.append(sample)
      }
    }
    var report = Report(
      [
        .init("kind", width: 12), .init("cases", width: 6), .init("tasks", width: 10),
        .init("seconds", width: 8),
      ],
      json: json)
    for kind in StressKind.allCases {
      guard let tally = tallies[kind] else { continue }
      try report.add(
        Row([
          "system": "tributary", "kind": .text(kind.rawValue), "cases": .integer(tally.cases),
          "tasks": .integer(tally.tasks), "seconds": .number(tally.seconds, decimals: 2),
        ]))
    }
    if let summary = footprints.summary { print(summary) }
    let all = tallies.values.reduce(0) { $0 + $1.cases }
    print("\(all) cases from seed \(seed): nothing was wrong")
  }

  /// A list of kinds as in `chain,nested`.
  static func kinds(_ text: String) throws -> [StressKind] {
    var kinds: [StressKind] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = StressKind(rawValue: String(name)) else {
        let known = StressKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("“\(name)” is no kind of case: choose from \(known)")
      }
      kinds.append(kind)
    }
    return kinds
  }
}
