internal import ArgumentParser
internal import TributaryScheduler

/// The command line of the library.
@main
struct TributaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary", abstract: "Train neural networks on every core of this machine.",
    subcommands: [TrainCommand.self, EvalCommand.self, GraphCommand.self, TopologyCommand.self])

  static func main() {
    StateSignal.install()
    main(nil)
  }
}
