internal import ArgumentParser
internal import Foundation
internal import TributaryAutodiff
internal import TributaryMeasuring
internal import TributaryWorkloads

/// `tributary-bench suite`: how long a training step of each workload takes.
struct SuiteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suite",
    abstract: "Time a training step of each workload, each in a process of its own.",
    discussion: """
      A step is forward, loss, backward and update (plain SGD), float32, with the data in memory. first_s is from the \
      beginning of the graph's construction to the end of the first step, initial values and samples already drawn. --profile records further steps after those \
      that are timed and tells where their time goes: by kind of operator, by worker, and the ten dearest operators, \
      against the machine's rates, which are measured last. planned_mb is what the plan foretells that a step takes \
      (arena, states, feeds, scratch memory of all threads), allocated_mb what was allocated for it, both in 10⁶ bytes.
      """)

  private static let secondsOfRates = 0.1

  @OptionGroup var options: BenchOptions
  @OptionGroup var steps: StepOptions

  @Option(
    help: ArgumentHelp("Only these workloads, by name with commas.", valueName: "a,b"),
    transform: { $0.split(separator: ",").map(String.init) })
  var only: [String] = []

  @Flag(help: "Tell where the time goes: operators, workers, scheduling, idling.")
  var profile = false

  func validate() throws {
    for name in only {
      do { _ = try Workload.named(name) } catch { throw ValidationError(error.description) }
    }
  }

  func run() throws {
    var report = Report(
      [
        .init("workload", width: 12), .init("threads"), .init("median_ms", width: 10),
        .init("min_ms", width: 10), .init("runs", width: 6), .init("first_s", width: 8), .init("planned_mb"),
        .init("allocated_mb"), .init("peak_rss_mb"),
      ], json: try options.jsonFile())
    let chosen = only.isEmpty ? Workload.suite : try only.map { try Workload.named($0) }
    let lines = try options.jsonFile()
    var profiles: [(workload: String, threads: Int, profile: ExecutionProfile)] = []
    for workload in chosen {
      for threads in try options.threadCounts() {
        let measured = try StepMeasurement(
          inProcessOfItsOwn: workload.name, threads: threads, seconds: options.seconds ?? 2,
          profiling: profile, settings: steps.settings)
        try report.add(measured.row(workload: workload.name, threads: threads))
        if let profile = measured.profile { profiles.append((workload.name, threads, profile)) }
      }
    }
    // Last, since a process that begins inherits the peak memory of the one that starts it.
    var rates: [Int: MachineRates] = [:]
    for (workload, threads, profile) in profiles {
      let known = try rates[threads] ?? SuiteCommand.rates(threads)
      rates[threads] = known
      let told = ProfileReport(profile, rates: known)
      print("\n\(workload), \(SuiteCommand.counted(threads)): \(told)")
      try lines?.append(line: told.json(("workload", workload), threads: threads))
    }
  }

  private static func rates(_ threads: Int) throws -> MachineRates {
    let rates = try MachineRates(threads: threads, seconds: secondsOfRates)
    print("\n\(counted(threads)): \(rates.description)")
    return rates
  }

  private static func counted(_ threads: Int) -> String { "\(threads) thread\(threads == 1 ? "" : "s")" }
}

extension StepMeasurement {
  /// The suite's row, in the form that the peers' programs use.
  func row(workload: String, threads: Int) -> Row {
    Row([
      "system": "tributary", "workload": .text(workload), "threads": .integer(threads),
      "median_ms": .number(medianMilliseconds, decimals: 4),
      "min_ms": .number(minimumMilliseconds, decimals: 4),
      "runs": .integer(runs), "first_s": .number(firstSeconds, decimals: 4),
      "planned_mb": .number(plannedMegabytes, decimals: 1),
      "allocated_mb": .number(allocatedMegabytes, decimals: 1),
      "peak_rss_mb": .number(peakResidentMegabytes, decimals: 1),
    ])
  }

  /// Measures in a process of its own, so that the first step and the peak memory are this workload's alone.
  init(
    inProcessOfItsOwn workload: String, threads: Int, seconds: Double, profiling: Bool = false,
    settings: StepSettings = StepSettings()
  ) throws {
    let arguments =
      [
        "measure-step", "--workload", workload, "--threads", "\(threads)", "--seconds", "\(seconds)",
      ] + settings.arguments + (profiling ? ["--profile"] : [])
    self = try JSONDecoder().decode(StepMeasurement.self, from: ChildProcess.output(of: arguments))
  }
}

/// `tributary-bench measure-step`: one workload in this process; its measurement is written as JSON. Other
/// subcommands run it.
struct MeasureStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "measure-step", shouldDisplay: false)

  @Option var workload: String
  @Option var threads: Int
  @Option var seconds: Double
  @Flag var profile = false
  @OptionGroup var steps: StepOptions

  func run() throws {
    let measured = try StepMeasurement(
      workload: workload, threads: threads, seconds: seconds, profiling: profile, settings: steps.settings)
    FileHandle.standardOutput.write(try JSONEncoder().encode(measured))
  }
}
