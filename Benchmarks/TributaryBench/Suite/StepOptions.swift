internal import ArgumentParser
internal import Tributary

/// How finely a plan cuts work, by name.
enum CutSize: String, CaseIterable, ExpressibleByArgument, Sendable {
  case `default`
  case fine
  case finest
  case whole

  /// The settings of that name.
  var granularity: Granularity {
    switch self {
    case .default: .default
    case .fine: .fine
    case .finest: .finest
    case .whole: .whole
    }
  }
}

/// How a measured step is compiled and what its tasks are ordered by.
struct StepSettings: Sendable, Hashable {
  /// How finely work is cut.
  var cuts = CutSize.default
  /// The file of measured costs; nil for those of the cost model.
  var costs: String?

  /// The command-line arguments that give these settings.
  var arguments: [String] {
    ["--granularity", cuts.rawValue] + (costs.map { ["--costs", $0] } ?? [])
  }
}

/// The options that give a step's settings.
struct StepOptions: ParsableArguments {
  @Option(help: "How finely plans cut work: default, fine, finest or whole.")
  var granularity = CutSize.default

  @Option(
    help: ArgumentHelp(
      "A file of times of tasks: those of this machine order tasks; what is not there is measured and added.",
      valueName: "file"))
  var costs: String?

  /// The settings.
  var settings: StepSettings { StepSettings(cuts: granularity, costs: costs) }
}
