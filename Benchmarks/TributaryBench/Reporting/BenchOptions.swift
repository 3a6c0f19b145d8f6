internal import ArgumentParser
internal import TributaryScheduler

/// The options that every benchmark takes.
struct BenchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Numbers of threads, 1 to 1024 each; default: 1 and what this process may use.", valueName: "n,n"),
    transform: BenchOptions.counts)
  var threads: [Int] = []

  @Option(help: ArgumentHelp("How long to measure, in seconds of each row or in all.", valueName: "s"))
  var seconds: Double?

  @Option(help: ArgumentHelp("A file to append a JSON object for each row to.", valueName: "file"))
  var json: String?

  func validate() throws {
    if let seconds, !(seconds > 0 && seconds.isFinite) {
      throw ValidationError("--seconds is \(seconds): give a number above 0")
    }
    _ = try threadCounts()
  }

  /// The numbers of threads to measure with: those given, else 1 and the default of this process.
  func threadCounts() throws -> [Int] {
    if !threads.isEmpty { return threads }
    do {
      let all = try Placement.forThisProcess().workerCount
      return all == 1 ? [1] : [1, all]
    } catch {
      throw ValidationError(error.message)
    }
  }

  /// The file of `--json`, checked to be writable.
  func jsonFile() throws -> JSONLines? { try json.map(JSONLines.init) }

  /// A list of numbers of threads as in `1,2,8`.
  static func counts(_ text: String) throws -> [Int] {
    var counts: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let count = Int(part) else {
        throw ValidationError(
          "“\(part)” is no number of threads: write numbers with commas, for instance 1,2")
      }
      do {
        counts.append(try ThreadCount.Request(count, by: "--threads").count)
      } catch {
        throw ValidationError(error.message)
      }
    }
    return counts
  }
}
