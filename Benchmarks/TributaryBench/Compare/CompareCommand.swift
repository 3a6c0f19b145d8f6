internal import ArgumentParser
internal import Foundation
internal import Tributary
internal import TributaryMeasuring
internal import TributaryWorkloads

/// `tributary-bench compare`: our training steps and the rivals', in turn and in one sitting.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Time the workloads with PyTorch, JAX, TensorFlow and Tributary in turn, and print the ratios.",
    discussion: """
      Each measurement is a process of its own, on every side, with this environment. A round measures every workload \
      at every number of threads with every system, one system after the other, the first one another in each round. The \
      table has the median over the rounds of each process's median step, in milliseconds, and the best rival's time \
      divided by ours: above 1 we are faster. Run from the repository's root, with nothing else running.
      """)

  @OptionGroup var options: BenchOptions

  @Option(
    help: ArgumentHelp(
      "A Python interpreter to look for the rivals in; may be repeated: each system uses the first that imports it. Default: python3.",
      valueName: "python"))
  var python: [String] = []

  @Option(help: ArgumentHelp("How often each measurement is made.", valueName: "n"))
  var rounds = 3

  @Option(
    help: ArgumentHelp("Only these workloads, by name with commas.", valueName: "a,b"),
    transform: { $0.split(separator: ",").map(String.init) })
  var workloads: [String] = []

  @Option(
    help: ArgumentHelp(
      "How long one process of a rival's may take, in seconds, compilation included.", valueName: "s"))
  var timeout = 600.0

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds is \(rounds): give 1 or more") }
    guard timeout > 0, timeout.isFinite else {
      throw ValidationError("--timeout is \(timeout): give a number of seconds above 0")
    }
    for name in workloads {
      do { _ = try Workload.named(name) } catch { throw ValidationError(error.description) }
    }
  }

  func run() throws {
    let lines = try options.jsonFile()
    guard FileManager.default.fileExists(atPath: Rival.folder) else {
      throw BenchError("there is no \(Rival.folder); run from the repository's root")
    }
    let interpreters = try PythonInterpreters(python.isEmpty ? ["python3"] : python)
    for text in interpreters.missing { print(text) }
    let rivals = Rival.all.filter { interpreters.found[$0.module] != nil }
    var report = Report(
      [
        .init("round"), .init("system", width: 13), .init("workload", width: 12), .init("threads"),
        .init("median_ms", width: 10), .init("min_ms", width: 10), .init("runs", width: 6),
        .init("first_s", width: 8), .init("peak_rss_mb"),
      ], json: lines)
    var comparison = Comparison(rivals: rivals)
    var failures: [String] = []
    for round in 1...rounds {
      for key in keys {
        // Whoever comes first may find a cooler processor: everybody does in turn.
        let parties: [Rival?] = [nil] + rivals
        for offset in parties.indices {
          let rival = parties[(round - 1 + offset) % parties.count]
          let system = rival?.system ?? Comparison.own
          do {
            let measured = try measure(rival, key, interpreters)
            comparison.add(measured.median, system, key)
            try report.add(measured.row(round: round, system, measured.version, key))
          } catch let error as BenchError {
            let failure = "\(system), \(key.workload), \(key.threads) threads, round \(round): \(error)"
            failures.append(failure)
            print("failed: \(failure)")
            try lines?.append(
              Row([
                "system": .text(system), "workload": .text(key.workload), "threads": .integer(key.threads),
                "round": .integer(round), "error": .text(error.description),
              ]))
          }
        }
      }
    }
    print("\n\(comparison.markdown)\n\n\(legend(interpreters))")
    if !failures.isEmpty { print("\nfailed:\n" + failures.map { "- \($0)" }.joined(separator: "\n")) }
  }

  /// The rows of the table.
  private var keys: [Comparison.Key] {
    let names = workloads.isEmpty ? Workload.suite.map(\.name) : workloads
    let counts = options.threads.isEmpty ? [1, 2] : options.threads
    return names.flatMap { name in counts.map { Comparison.Key(workload: name, threads: $0) } }
  }

  private var seconds: Double { options.seconds ?? 2 }

  /// Measures one workload with a rival, or with ours, in a process of its own.
  private func measure(
    _ rival: Rival?, _ key: Comparison.Key, _ interpreters: PythonInterpreters
  ) throws -> CompareMeasurement {
    guard let rival, let found = interpreters.found[rival.module] else {
      let step = try StepMeasurement(
        inProcessOfItsOwn: key.workload, threads: key.threads, seconds: seconds)
      return CompareMeasurement(step)
    }
    let outcome = try RivalProcess.run(
      [
        found.python, "\(Rival.folder)/\(rival.program)", "--threads", "\(key.threads)", "--only",
        key.workload,
        "--seconds", "\(seconds)",
      ] + rival.arguments, timeout: timeout)
    return CompareMeasurement(try RivalProcess.row(of: outcome, timeout: timeout), version: found.version)
  }

  /// What the table was measured with: processor, versions, the environment's settings of libraries, and the command.
  private func legend(_ interpreters: PythonInterpreters) -> String {
    let versions = Rival.Module.allCases.compactMap { module in
      interpreters.found[module].map { "\(module.title) \($0.version)" }
    }
    let settings = ProcessInfo.processInfo.environment.filter { name, _ in
      [
        "OPENBLAS_", "DNNL_", "ONEDNN_", "OMP_", "MKL_", "TRIBUTARY_", "XLA_", "TF_NUM_", "TF_XLA_",
        "TF_ENABLE_",
      ].contains {
        name.hasPrefix($0)
      }
    }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return [
      "processor: \(Processor.name), \(ProcessInfo.processInfo.activeProcessorCount) processors",
      "versions: \(KernelLibraries.description)" + versions.map { "; \($0)" }.joined(),
      "environment: " + (settings.isEmpty ? "no settings of libraries" : settings.joined(separator: " ")),
      "rounds: \(rounds), \(seconds) s each; command:",
      "    "
        + ([".build/release/tributary-bench"] + CommandLine.arguments.dropFirst()).joined(separator: " "),
    ].joined(separator: "\n")
  }
}

/// What one process measured, whoever's it is.
struct CompareMeasurement: Sendable {
  var median: Double
  var minimum: Double?
  var runs: Int?
  var firstSeconds: Double?
  var peakMegabytes: Double?
  var version: String?

  /// Ours.
  init(_ step: StepMeasurement) {
    (median, minimum, runs) = (step.medianMilliseconds, step.minimumMilliseconds, step.runs)
    (firstSeconds, peakMegabytes) = (step.firstSeconds, step.peakResidentMegabytes)
  }

  /// A rival's, which has a median.
  init(_ row: RivalProcess.PrintedRow, version: String) {
    (median, minimum, runs) = (row.median_ms ?? .nan, row.min_ms, row.runs)
    (firstSeconds, peakMegabytes, self.version) = (row.first_s, row.peak_rss_mb, version)
  }

  /// The row in the form of the house.
  func row(round: Int, _ system: String, _ version: String?, _ key: Comparison.Key) -> Row {
    func number(_ value: Double?, _ decimals: Int) -> Row.Cell {
      value.map { .number($0, decimals: decimals) } ?? .missing
    }
    return Row([
      "system": .text(system), "workload": .text(key.workload), "threads": .integer(key.threads),
      "median_ms": number(median, 4), "min_ms": number(minimum, 4),
      "runs": runs.map { .integer($0) } ?? .missing,
      "first_s": number(firstSeconds, 4), "peak_rss_mb": number(peakMegabytes, 1), "round": .integer(round),
      "version": version.map { .text($0) } ?? .missing,
    ])
  }
}
