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
  @Option(
    help: "The model: mlp, siamese, rnn, lstm or cnn of images, or transformer of text (default: mlp).")
  var model: ModelKind?

  @OptionGroup var places: SourceOptions

  @Option(help: "Passes over the training samples (default: 5; 3 for transformer).")
  var epochs: Int?

  @Option(help: "Samples in a batch (default: 128; 8 for transformer).")
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

  @Option(
    help: ArgumentHelp(
      "Train on the first n samples only: images, or windows of 64 characters.", valueName: "n"))
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
