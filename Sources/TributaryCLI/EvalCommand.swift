internal import ArgumentParser
internal import Tributary
internal import TributaryTraining

/// Judges a checkpoint by samples that it was not trained on.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Judge a checkpoint by the test images, or by a text's held-out end.",
    discussion: "Without --dataset or --text, it is judged by what its training read.")

  @Option(help: ArgumentHelp("The checkpoint to judge.", valueName: "file"))
  var checkpoint: String

  @OptionGroup var places: SourceOptions
  @OptionGroup var threading: ThreadOptions

  @Option(help: ArgumentHelp("Append a JSON line.", valueName: "file"))
  var json: String?

  func run() throws {
    let lines = try json.map { try LineFile($0) }
    let saved = try Checkpoint(contentsOf: checkpoint)
    let settings = StoredSettings(saved, path: checkpoint)
    let model = try settings.model()
    let recipe = model.recipe
    let batch = try settings.count("batch")
    let place = try places.place(for: model) ?? settings.text(recipe.source.rawValue)
    let samples = try recipe.readTest(place, for: settings)
    let loader = try samples.testBatches(of: batch)
    let evaluator = try Evaluator(
      samples.objective, batchSize: loader.batchSize, executor: threading.makeExecutor())
    try evaluator.store.restore(saved.states)
    let result = try evaluator.evaluate(over: loader)
    try lines?.append(
      JSON.object(
        [
          JSON.Member("system", .string("tributary")), JSON.Member("model", .string(model.rawValue)),
          JSON.Member(recipe.source.rawValue, .string(place)),
          JSON.Member("checkpoint", .string(checkpoint)),
          JSON.Member("steps", .integer(saved.stepsDone)), JSON.Member("loss", .number(result.loss)),
        ] + result.members(recipe.figures) + [
          JSON.Member("samples_per_s", .number(result.samplesPerSecond))
        ]
      ).text)
    print(
      "test \(result.judgement(recipe.figures)), loss \(decimal(result.loss, 4)), "
        + "\(decimal(result.samplesPerSecond, 0)) samples/s")
  }
}
