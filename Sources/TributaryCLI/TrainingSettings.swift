internal import Tributary

/// The settings of a training, complete.
struct TrainingSettings: Equatable {
  var model: ModelKind
  var place: String
  var epochs: Int
  var batch: Int
  var optimizer: OptimizerKind
  var learningRate: Double
  var clipNorm: Double?
  var seed: UInt64
  var limit: Int?

  /// What the options say, filled up from a checkpoint's settings and the model's defaults.
  /// - Throws: `CommandError` when the options contradict the checkpoint, which could not be resumed then, and
  ///   `ValidationError` when they contradict the model.
  init(_ options: TrainingOptions, resuming checkpoint: StoredSettings?) throws {
    func setting<Value: Equatable>(
      _ name: String, _ given: Value?, _ parse: (String) -> Value?, default standard: Value
    ) throws -> Value {
      guard let checkpoint else { return given ?? standard }
      let stored = try checkpoint.value(name, parse)
      if let given, given != stored {
        throw CommandError(
          "--\(name) \(given) contradicts the checkpoint, which was made with \(stored); leave the option out"
        )
      }
      return stored
    }
    model = try setting("model", options.model, { ModelKind(rawValue: $0) }, default: .mlp)
    let recipe = model.recipe
    place = try setting(
      recipe.source.rawValue, options.places.place(for: model), { $0 }, default: recipe.source.standard)
    epochs = try setting("epochs", options.epochs, { Int($0) }, default: recipe.epochs)
    batch = try setting("batch", options.batch, { Int($0) }, default: recipe.batch)
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

  /// The settings as a checkpoint keeps them, with what it has to tell of the samples.
  func stored(with samples: any TrainingSamples) -> [String: String] {
    let own = [
      "model": model.rawValue, model.recipe.source.rawValue: place, "epochs": String(epochs),
      "batch": String(batch), "optimizer": optimizer.rawValue, "learning-rate": String(learningRate),
      "clip-norm": String(clipNorm ?? 0), "seed": String(seed), "limit": String(limit ?? 0),
    ]
    return own.merging(samples.stored) { own, _ in own }
  }
}
