internal import ArgumentParser
internal import Tributary
internal import TributaryTraining

/// Prints the graph or the plan of a model's training step.
struct GraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Print the graph or the plan of a model's training step.")

  @Option(help: "The model: mlp, siamese or rnn.")
  var model: ModelKind

  @Option(help: "Samples in a batch.")
  var batch = 128

  @Option(help: "sgd, momentum, nesterov, adam, adamw, rmsprop or adagrad.")
  var optimizer = OptimizerKind.adam

  @Flag(help: "Print the plan in DOT, for Graphviz, instead of the graph.")
  var dot = false

  @Flag(help: "Print the plan: tasks, work, critical path, peak bytes.")
  var plan = false

  @Option(help: ArgumentHelp("Write the final task graph as JSON.", valueName: "file"))
  var json: String?

  func validate() throws {
    guard batch >= 1 else { throw ValidationError("--batch is \(batch); give 1 or more.") }
    if dot, plan { throw ValidationError("--dot and --plan exclude each other.") }
  }

  func run() throws {
    if let json { try Checkpoint.checkWritable(json) }
    let objective = model.objective(imageSize: [28, 28], classes: 10)
    let rule = optimizer.optimizer(learningRate: optimizer.defaultLearningRate, steps: 2345)
    let executable = try Trainer.compile(objective, batchSize: batch, optimizer: rule)
    if let json { try replaceFile(at: json, with: executable.plan.json) }
    if dot {
      print(executable.plan.dot)
    } else if plan {
      print(executable.plan.text)
    } else {
      print(executable.graph.description)
    }
  }
}
