internal import ArgumentParser
internal import Tributary
internal import TributaryScheduler
internal import TributaryTraining

/// Prints the graph or the plan of a model's training step.
struct GraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Print the graph or the plan of a model's training step.")

  @Option(help: "The model: mlp, siamese, rnn, lstm, cnn or transformer.")
  var model: ModelKind

  @Option(help: "Samples in a batch (default: 128; 8 for transformer).")
  var batch: Int?

  @Option(help: "sgd, momentum, nesterov, adam, adamw, rmsprop or adagrad.")
  var optimizer = OptimizerKind.adam

  @Flag(help: "Print the plan in DOT, for Graphviz, instead of the graph.")
  var dot = false

  @Flag(help: "Print the plan: tasks, work, critical path, peak bytes.")
  var plan = false

  @Option(help: ArgumentHelp("Write the final task graph as JSON.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Predict the step's time on so many workers, each 1 to 1024, e.g. 1,2,4,8, by the plan's costs.",
      valueName: "n,…"),
    transform: GraphCommand.workerCounts)
  var predict: [Int] = []

  @Option(
    help: ArgumentHelp(
      "Predict for another machine, in hwloc's synthetic language, instead of this one.",
      valueName: "pack:2 numa:2 l3:4 core:8 pu:2"))
  var synthetic: String?

  func validate() throws {
    if let batch, batch < 1 { throw ValidationError("--batch is \(batch); give 1 or more.") }
    if dot, plan { throw ValidationError("--dot and --plan exclude each other.") }
    if !predict.isEmpty, dot || plan {
      throw ValidationError("--predict prints a table of its own; leave --dot and --plan out.")
    }
    if predict.isEmpty, synthetic != nil {
      throw ValidationError("--synthetic says for which machine to --predict; give numbers of workers too.")
    }
    _ = try simulators()
  }

  func run() throws {
    if let json { try Checkpoint.checkWritable(json) }
    let rule = optimizer.optimizer(learningRate: optimizer.defaultLearningRate, steps: 2345)
    let executable = try Trainer.compile(
      model.recipe.usualObjective, batchSize: batch ?? model.recipe.batch, optimizer: rule)
    if let json { try replaceFile(at: json, with: executable.plan.json) }
    if dot {
      print(executable.plan.dot)
    } else if plan {
      print(executable.plan.text)
    } else if !predict.isEmpty {
      print(PredictionTable(executable.plan, try simulators().map(executable.predictedRun)))
    } else {
      print(executable.graph.description)
    }
  }

  /// A simulator for each number of workers asked for; what the options get wrong is an error of the command line.
  private func simulators() throws -> [MakespanSimulator] {
    if predict.isEmpty { return [] }
    do {
      let machine =
        try synthetic.map { text throws(SchedulerError) in try Topology(synthetic: text) } ?? .machine
      return try predict.map { count throws(SchedulerError) in
        let request = try ThreadCount.request(count, by: "--predict")
        return MakespanSimulator(placement: try Placement(topology: machine, request: request))
      }
    } catch {
      throw ValidationError(error.message)
    }
  }

  private static func workerCounts(_ text: String) throws -> [Int] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { item in
      guard let count = Int(item) else {
        throw ValidationError(
          "“\(item)” is no number of workers; write whole numbers with commas between, e.g. 1,2,4.")
      }
      return count
    }
  }
}
