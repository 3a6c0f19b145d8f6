internal import ArgumentParser
internal import Foundation
internal import Tributary

/// `tributary-bench simulate-step`: one workload measured and simulated in this process, written as JSON; `scaling
/// --simulate` runs it.
struct SimulateStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "simulate-step", shouldDisplay: false)

  @Option var workload: String
  @Option var seconds: Double
  @OptionGroup var steps: StepOptions
  @OptionGroup var simulation: SimulationOptions

  func run() throws {
    let result = try SimulatedScaling(
      workload: workload, workers: simulation.simulate?.counts ?? [], settings: steps.settings,
      seconds: seconds,
      synthetic: simulation.synthetic, bandwidthLimit: simulation.bandwidth.map { $0 * 1e9 })
    FileHandle.standardOutput.write(try JSONEncoder().encode(result))
  }
}

/// What to predict, and for which machine.
struct SimulationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Predict the step for these numbers of workers, 1 to 1024: a list, or a range, which stands for its ends and the powers \
      of two between.
      """, valueName: "1...128"))
  var simulate: WorkerCounts?

  @Option(
    help: ArgumentHelp(
      "Predict for another machine, in hwloc's synthetic language, instead of this one.",
      valueName: "pack:2 numa:2 l3:4 core:8 pu:2"))
  var synthetic: String?

  @Option(
    help: ArgumentHelp(
      "GB/s that the predicted machine's memory gives at most; without it every core brings as much as one does here.",
      valueName: "rate"))
  var bandwidth: Double?

  func validate() throws {
    if simulate == nil, synthetic != nil || bandwidth != nil {
      throw ValidationError("--synthetic and --bandwidth say what to --simulate; give numbers of workers too")
    }
    if let bandwidth, !(bandwidth > 0 && bandwidth.isFinite) {
      throw ValidationError("--bandwidth is \(bandwidth): give a number above 0")
    }
    do {
      if let synthetic { _ = try Topology(synthetic: synthetic) }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// The command-line arguments that give these options.
  var arguments: [String] {
    (simulate.map { ["--simulate", $0.argument] } ?? []) + (synthetic.map { ["--synthetic", $0] } ?? [])
      + (bandwidth.map { ["--bandwidth", "\($0)"] } ?? [])
  }
}
