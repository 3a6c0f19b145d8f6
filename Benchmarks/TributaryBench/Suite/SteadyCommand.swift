internal import ArgumentParser
internal import Foundation

/// `tributary-bench steady`: steady steps between two marks, for `scripts/steady-step.sh`, whose preloaded library
/// defines the mark and counts what is called between the two.
struct SteadyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "steady", shouldDisplay: false)

  @Option var workload: String
  @Option var threads: Int
  @Option var steps: Int

  func run() throws {
    let prepared = try PreparedWorkload(workload, threads: threads)
    // Costs are measured and ranks set in the first steps; those after them are steady.
    for _ in 0..<20 { _ = try prepared.step() }
    guard let symbol = dlsym(nil, "steady_mark") else {
      throw BenchError("no counting library is preloaded; run scripts/steady-step.sh")
    }
    let mark = unsafeBitCast(symbol, to: (@convention(c) (CInt) -> Void).self)
    mark(CInt(steps))
    for _ in 0..<steps { _ = try prepared.step() }
    mark(0)
  }
}
