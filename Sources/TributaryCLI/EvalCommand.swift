internal import ArgumentParser
internal import Tributary
internal import TributaryTraining

/// Judges a checkpoint by the test images.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Judge a checkpoint by the test images.")

  @Option(help: ArgumentHelp("The checkpoint to judge.", valueName: "file"))
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "fashion-mnist, or a folder of IDX files; the checkpoint's by default.", valueName: "name|dir"))
  var dataset: String?

  @OptionGroup var threading: ThreadOptions

  @Option(help: ArgumentHelp("Append a JSON line.", valueName: "file"))
  var json: String?

  func run() throws {
    let lines = try json.map { try LineFile($0) }
    let saved = try Checkpoint(contentsOf: checkpoint)
    func setting<Value>(_ name: String, _ parse: (String) -> Value?) throws -> Value {
      guard let text = saved.settings[name], let value = parse(text) else {
        throw CommandError("\(checkpoint): does not say its \(name); it was not written by `tributary train`")
      }
      return value
    }
    let model: ModelKind = try setting("model") { ModelKind(rawValue: $0) }
    let batch = try setting("batch") { Int($0).flatMap { $0 > 0 ? $0 : nil } }
    let size = try ["rows", "columns"].map { name in
      try setting(name) { Int($0).flatMap { $0 > 0 ? $0 : nil } }
    }
    let classes = try setting("classes") { Int($0).flatMap { $0 > 0 ? $0 : nil } }
    let standardization = ImageDataSet.Standardization(
      mean: try setting("mean") { Double($0) }, deviation: try setting("deviation") { Double($0) })
    let folder = DataFolder(try dataset ?? setting("dataset") { $0 })
    try folder.check()
    let images = try ImageFolder.test(
      contentsOf: folder.path, standardization: standardization, classes: classes)
    guard images.imageSize == size else {
      throw CommandError(
        "the images of \(folder.path) are \(images.imageSize); the checkpoint's model takes \(size)")
    }
    let loader = try model.testBatches(images, of: batch)
    let evaluator = try Evaluator(
      model.objective(imageSize: size, classes: classes), batchSize: loader.batchSize,
      executor: threading.makeExecutor())
    try evaluator.store.restore(saved.states)
    let result = try evaluator.evaluate(over: loader)
    try lines?.append(
      JSON.object([
        JSON.Member("system", .string("tributary")), JSON.Member("model", .string(model.rawValue)),
        JSON.Member("dataset", .string(folder.name)), JSON.Member("checkpoint", .string(checkpoint)),
        JSON.Member("steps", .integer(saved.stepsDone)), JSON.Member("loss", .number(result.loss)),
        JSON.Member("test_accuracy", result.accuracy.map { .number($0) } ?? .null),
        JSON.Member("samples_per_s", .number(result.samplesPerSecond)),
      ]).text)
    print(
      "test accuracy \(decimal(result.accuracy ?? 0, 4)), loss \(decimal(result.loss, 4)), "
        + "\(decimal(result.samplesPerSecond, 0)) samples/s")
  }
}
