internal import ArgumentParser
internal import TributaryMeasuring
internal import TributaryOps

/// The errors of the functions of one float.
struct AccuracyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accuracy",
    abstract: "Largest errors of the functions of one float, in units of the last place.",
    discussion: """
      Every function is computed at each instruction set that the processor has, and compared with the C library's in \
      double: over four million floats of all magnitudes, or over every bit pattern with --full, which takes a minute or \
      two a function and thread. Results that are subnormal are measured in units of the least float. Reversals are \
      neighbours whose results lie the wrong way round, for functions that are monotone. Special values are 0, subnormals, \
      the largest floats, infinities and NaN. Ends with an error when a bound is exceeded.
      """)

  @OptionGroup var options: BenchOptions

  @Flag(help: "Every bit pattern.")
  var full = false

  @Option(
    help: ArgumentHelp("Functions, with commas; all where not given.", valueName: "name,name"),
    transform: AccuracyCommand.subjects)
  var only: [AccuracySubject] = AccuracySubject.all

  func run() throws {
    var report = Report(
      [
        .init("function", width: 10), .init("level"), .init("floats", width: 10), .init("max_ulp"),
        .init("bound"), .init("at", width: 14), .init("subnormal_ulp"), .init("reversals"), .init("special"),
      ], json: try options.jsonFile())
    let threads = try options.threadCounts().max() ?? 1
    let levels = VectorLevel.available
    var failures: [String] = []
    for subject in only {
      let tallies = try AccuracyCommand.tallies(of: subject, full ? .full : .sample, levels, threads: threads)
      for (level, tally) in zip(levels, tallies) {
        let special = try subject.specialTally(at: level)
        let isSpecialRight = special.isWithin(subject.bound)
        if !tally.isWithin(subject.bound) || !isSpecialRight {
          failures.append("\(subject.name) at \(level)")
        }
        try report.add(
          Row([
            "function": .text(subject.name), "level": .text(level.rawValue), "floats": .integer(tally.count),
            "max_ulp": .number(tally.worst, decimals: 3), "bound": .number(subject.bound, decimals: 0),
            "at": .text("\(tally.place)"), "subnormal_ulp": .number(tally.worstSubnormal, decimals: 3),
            "reversals": subject.direction == 0 ? .missing : .integer(tally.reversals),
            "special": .text(isSpecialRight ? "right" : "wrong"),
          ]))
      }
    }
    guard failures.isEmpty else {
      throw BenchError("beyond its bound: \(failures.joined(separator: ", "))")
    }
  }

  /// What a sweep finds at each level, its runs dealt out to threads.
  static func tallies(
    of subject: AccuracySubject, _ sweep: AccuracySweep, _ levels: [VectorLevel], threads: Int
  ) throws -> [AccuracyTally] {
    let parts = try SideBySide.run(threads) {
      try sweep.tallies(of: subject, at: levels, part: $0, of: threads)
    }
    var result = levels.map { _ in AccuracyTally() }
    for part in parts {
      for place in levels.indices { result[place].merge(part[place]) }
    }
    return result
  }

  /// A list of functions as in `exp,log`.
  static func subjects(_ text: String) throws -> [AccuracySubject] {
    var subjects: [AccuracySubject] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let subject = AccuracySubject.all.first(where: { $0.name == name }) else {
        let known = AccuracySubject.all.map(\.name).joined(separator: ", ")
        throw ValidationError("“\(name)” is no function: choose from \(known)")
      }
      subjects.append(subject)
    }
    return subjects
  }
}

extension AccuracySubject {
  /// What the special values give, each computed alone.
  func specialTally(at level: VectorLevel) throws -> AccuracyTally {
    var tally = AccuracyTally()
    for x in Self.specials {
      let y = try level.scope { try op.evaluate(on: [try Tensor([x], shape: [1])])[0].elements(Float.self) }
      tally.compare([x], y, [exact(Double(x))], direction: 0)
    }
    return tally
  }
}
