internal import ArgumentParser
internal import TributaryMeasuring
internal import TributaryScheduler

/// The sum of many contributions to one gradient: as the library plans it, and as they arrive.
struct AccumulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accumulate",
    abstract: "Nanoseconds per contribution to one gradient, as planned and by mutex or atomic additions.",
    discussion: """
      k tasks produce n floats each and the sum of all is wanted. “planned” is a graph differentiated, planned and run \
      by the library: the order of additions depends on the graph alone. “mutex” adds each contribution under one \
      lock, “atomic” adds each float by compare-and-exchange, both in the order of arrival.
      """)

  @OptionGroup var options: BenchOptions

  @Option(
    help: ArgumentHelp("Numbers of contributions, 2 to 4096 each.", valueName: "k,k"),
    transform: { try AccumulateCommand.numbers($0, in: 2...4096) })
  var contributions: [Int] = [2, 8, 64, 512, 4096]

  @Option(
    help: ArgumentHelp("Numbers of floats in a contribution, 1 to 1,048,576 each.", valueName: "n,n"),
    transform: { try AccumulateCommand.numbers($0, in: 1...1_048_576) })
  var floats: [Int] = [256, 4096]

  func run() throws {
    var report = Report(
      [
        .init("contributions"), .init("floats", width: 7), .init("threads"), .init("method", width: 8),
        .init("ns_per_contribution"), .init("same_bits"), .init("extra_bytes", width: 12),
      ], json: try options.jsonFile())
    for threads in try options.threadCounts() {
      let executor = try GraphExecutor(workers: threads)
      for floats in floats {
        for count in contributions {
          let work = Contributions(count: count, floats: floats)
          for method in SumMethod.allCases {
            let outcome = try measure(work, method, threads, on: executor)
            try report.add(row(outcome, work, method, threads))
          }
        }
      }
      executor.shutdown()
    }
  }

  /// What one method costs.
  private struct Outcome {
    var timings: Timings
    var hasSameBits: Bool
    var extraBytes: Int
  }

  private func measure(
    _ work: Contributions, _ method: SumMethod, _ threads: Int, on executor: GraphExecutor
  ) throws -> Outcome {
    let sum = try method.sum(work, workers: threads, on: executor)
    try sum.run()
    let first = try sum.result()
    guard work.isSum(first) else {
      throw BenchError("\(method) of \(work.count) contributions is no sum of them")
    }
    for _ in 0..<2 { try sum.run() }
    var hasSameBits = true
    // Comparing is not part of what is timed.
    for _ in 0..<20 {
      try sum.run()
      hasSameBits = try hasSameBits && zip(first, sum.result()).allSatisfy { $0.bitPattern == $1.bitPattern }
    }
    let timings = try Timings(atLeast: 20, seconds: options.seconds ?? 0) { try sum.run() }
    return Outcome(timings: timings, hasSameBits: hasSameBits, extraBytes: sum.extraBytes)
  }

  private func row(_ outcome: Outcome, _ work: Contributions, _ method: SumMethod, _ threads: Int) -> Row {
    Row([
      "system": "tributary", "method": .text(method.rawValue), "contributions": .integer(work.count),
      "floats": .integer(work.floats), "threads": .integer(threads),
      "ns_per_contribution": .number(outcome.timings.median * 1e9 / Double(work.count), decimals: 1),
      "same_bits": .flag(outcome.hasSameBits), "extra_bytes": .integer(outcome.extraBytes),
      "runs": .integer(outcome.timings.count),
    ])
  }

  /// A list of numbers as in `2,64`.
  static func numbers(_ text: String, in range: ClosedRange<Int>) throws -> [Int] {
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int(part), range.contains(number) else {
        throw ValidationError(
          "“\(part)” is no number from \(range.lowerBound) to \(range.upperBound): write numbers with commas")
      }
      numbers.append(number)
    }
    return numbers
  }
}
