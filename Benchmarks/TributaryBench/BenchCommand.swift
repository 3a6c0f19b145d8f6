internal import ArgumentParser
internal import TributaryScheduler

/// The command line of the benchmarks.
@main
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary-bench",
    abstract: "Measure the scheduler, gradient accumulation, operators and whole training steps.",
    subcommands: [
      AccumulateCommand.self,
      AccuracyCommand.self,
      CheckCommand.self,
      CompareCommand.self,
      CrowdCommand.self,
      LatencyCommand.self,
      OperatorsCommand.self,
      OverheadCommand.self,
      PlanCommand.self,
      StressCommand.self,
      SuiteCommand.self,
      ScalingCommand.self,
      MeasureStepCommand.self,
      SimulateStepCommand.self,
      SteadyCommand.self,
    ])

  static func main() {
    StateSignal.install()
    main(nil)
  }
}
