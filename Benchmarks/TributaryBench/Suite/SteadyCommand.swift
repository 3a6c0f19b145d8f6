internal import ArgumentParser
internal import Foundation

/// `tributary-bench steady`: steady steps between two marks, for `scripts/steady-step.sh`, whose preloaded library
/// defines the mark and counts what is called between the two. The workload `trainer` is the MLP trained by a `Trainer`, its
/// batches assembled meanwhile; the others are prepared runs.
struct SteadyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "steady", shouldDisplay: false)

  @Option var workload: String
  @Option var threads: Int
  @Option var steps: Int

  /// Costs are measured and ranks set in the first steps; those after them are steady.
  private static let warmUpSteps = 20

  func run() throws {
    guard let symbol = dlsym(nil, "steady_mark") else {
      throw BenchError("no counting library is preloaded; run scripts/steady-step.sh")
    }
    let mark = unsafeBitCast(symbol, to: (@convention(c) (CInt) -> Void).self)
    if workload == "trainer" {
      let last = SteadyCommand.warmUpSteps + steps
      // One step more, so that the last one counted prepares a batch like the others.
      try SteadyTrainer(threads: threads, steps: last + 1).run { done in
        if done == SteadyCommand.warmUpSteps { mark(CInt(steps)) }
        if done == last { mark(0) }
      }
      return
    }
    let prepared = try PreparedWorkload(workload, threads: threads)
    for _ in 0..<SteadyCommand.warmUpSteps { _ = try prepared.step() }
    mark(CInt(steps))
    for _ in 0..<steps { _ = try prepared.step() }
    mark(0)
  }
}
