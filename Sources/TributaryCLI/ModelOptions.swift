internal import ArgumentParser
internal import Tributary

/// The options that say how many threads compute.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How many threads compute, 1 to 1024; TRIBUTARY_THREADS where not given.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    do throws(SchedulerError) { _ = try ThreadCount.request(threads, by: "--threads") } catch {
      throw ValidationError(error.message)
    }
  }

  func makeExecutor() throws -> GraphExecutor { try GraphExecutor(workers: threads) }
}

/// What a training depends on; where nothing is given, a checkpoint's setting holds, then the default.
struct TrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("fashion-mnist, or a folder of IDX files.", valueName: "name|dir"))
  var dataset: String?

  @Option(help: "The model: mlp, siamese, rnn or cnn.")
  var model: ModelKind?

  @Option(help: "Passes over the training images (default: 5).")
  var epochs: Int?

  @Option(help: "Samples in a batch (default: 128).")
  var batch: Int?

  @Option(help: "sgd, momentum, nesterov, adam, adamw, rmsprop or adagrad (default: adam).")
  var optimizer: OptimizerKind?

  @Option(help: "The first learning rate; it falls to 0 along a cosine (default: 0.001 for adam).")
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "Scale the gradients down where their norm, taken together, is larger (default: never).",
      valueName: "norm"))
  var clipNorm: Double?

  @Option(help: "What parameters and the order of samples are drawn from (default: 1).")
  var seed: UInt64?

  @Option(help: ArgumentHelp("Train on the first n images only.", valueName: "n"))
  var limit: Int?

  func validate() throws {
    for (name, value) in [("--epochs", epochs), ("--batch", batch), ("--limit", limit)] {
      if let value, value < 1 { throw ValidationError("\(name) is \(value); give 1 or more.") }
    }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate is \(learningRate); give a number above 0.")
    }
    if let clipNorm, !(clipNorm > 0 && clipNorm.isFinite) {
      throw ValidationError("--clip-norm is \(clipNorm); give a number above 0.")
    }
  }
}

/// The settings of a training, complete.
struct TrainingSettings: Equatable {
  var dataset: String
  var model: ModelKind
  var epochs: Int
  var batch: Int
  var optimizer: OptimizerKind
  var learningRate: Double
  var clipNorm: Double?
  var seed: UInt64
  var limit: Int?

  /// What the options say, filled up from a checkpoint's settings and the defaults.
  /// - Throws: `CommandError` when the options contradict the checkpoint, which could not be resumed then.
  init(_ options: TrainingOptions, resuming checkpoint: [String: String]?) throws {
    func setting<Value: Equatable>(
      _ name: String, _ given: Value?, _ parse: (String) -> Value?, default standard: Value
    ) throws -> Value {
      guard let checkpoint else { return given ?? standard }
      guard let text = checkpoint[name], let stored = parse(text) else {
        throw CommandError("the checkpoint does not say its \(name); it was not written by this command")
      }
      if let given, given != stored {
        throw CommandError(
          "--\(name) \(given) contradicts the checkpoint, which was made with \(stored); leave the option out"
        )
      }
      return stored
    }
    dataset = try setting("dataset", options.dataset, { $0 }, default: "fashion-mnist")
    model = try setting("model", options.model, { ModelKind(rawValue: $0) }, default: .mlp)
    epochs = try setting("epochs", options.epochs, { Int($0) }, default: 5)
    batch = try setting("batch", options.batch, { Int($0) }, default: 128)
    let optimizer = try setting(
      "optimizer", options.optimizer, { OptimizerKind(rawValue: $0) }, default: .adam)
    self.optimizer = optimizer
    learningRate = try setting(
      "learning-rate", options.learningRate, { Double($0) }, default: optimizer.defaultLearningRate)
    seed = try setting("seed", options.seed, { UInt64($0) }, default: 1)
    let bound = try setting(
      "clip-norm", options.clipNorm ?? (checkpoint == nil ? 0 : nil), { Double($0) }, default: 0)
    clipNorm = bound == 0 ? nil : bound
    let stored = try setting("limit", options.limit ?? (checkpoint == nil ? 0 : nil), { Int($0) }, default: 0)
    limit = stored == 0 ? nil : stored
  }

  /// The settings as a checkpoint keeps them.
  func stored(_ images: ImageDataSet) -> [String: String] {
    [
      "dataset": dataset, "model": model.rawValue, "epochs": String(epochs), "batch": String(batch),
      "optimizer": optimizer.rawValue, "learning-rate": String(learningRate),
      "clip-norm": String(clipNorm ?? 0), "seed": String(seed),
      "limit": String(limit ?? 0), "mean": String(images.standardization.mean),
      "deviation": String(images.standardization.deviation), "classes": String(images.classes),
      "rows": String(images.imageSize[0]), "columns": String(images.imageSize[1]),
    ]
  }
}
