internal import ArgumentParser
internal import Tributary
internal import TributaryMeasuring
internal import TributaryWorkloads

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
  /// The most bytes that the plan may take; nil for no limit.
  var memoryBudget: ByteCount?
  /// The file of measured costs; nil for those of the cost model.
  var costs: String?

  /// The command-line arguments that give these settings.
  var arguments: [String] {
    ["--granularity", cuts.rawValue] + (costs.map { ["--costs", $0] } ?? [])
      + (memoryBudget.map { ["--memory-budget", "\($0.bytes)"] } ?? [])
  }
}

extension WorkloadModel {
  /// What a measured step does with the gradients: plain SGD with learning rate 0.01.
  var update: Update {
    SGD(learningRate: 0.01).minimizing(loss, parameters: parameters.map(\.value))
  }

  /// The training step, compiled.
  /// - Throws: `GraphError` when the plan does not fit the memory budget.
  func compiledStep(_ settings: StepSettings) throws(GraphError) -> Executable {
    try graph.compile(
      fetching: [loss], updating: update,
      options: CompileOptions(
        granularity: settings.cuts.granularity, memoryBudget: settings.memoryBudget?.bytes))
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

  @Option(
    help: ArgumentHelp(
      "The most bytes that a plan may take, with K, M, G or Ki, Mi, Gi; where they are few, values are computed twice.",
      valueName: "bytes"),
    transform: ByteCount.argument)
  var memoryBudget: ByteCount?

  /// The settings.
  var settings: StepSettings {
    StepSettings(cuts: granularity, memoryBudget: memoryBudget, costs: costs)
  }
}
