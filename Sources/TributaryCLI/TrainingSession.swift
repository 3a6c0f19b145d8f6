internal import Foundation
internal import Tributary
internal import TributaryTraining

/// A training as the command runs it: epochs, their table, and the figures at the end.
struct TrainingSession {
  let settings: TrainingSettings
  let images: ImageFolder
  let executor: GraphExecutor
  let recorder: TraceRecorder?
  let isQuiet: Bool
  let trainer: Trainer

  private var stepSeconds: [Double] = []
  private var trainedSamples = 0
  private var trainedSeconds = 0.0
  private var lastEpoch = PassStatistics()
  private var lastTest = PassStatistics()
  private var hasHeader = false

  init(
    _ settings: TrainingSettings, _ images: ImageFolder, executor: GraphExecutor, recorder: TraceRecorder?,
    isQuiet: Bool
  ) throws {
    self.settings = settings
    self.images = images
    self.executor = executor
    self.recorder = recorder
    self.isQuiet = isQuiet
    let first = try settings.model.trainingBatches(
      images.train, of: settings.batch, seed: settings.seed, epoch: 1)
    let steps = first.batchCount * settings.epochs
    trainer = try Trainer(
      settings.model.objective(imageSize: images.train.imageSize, classes: images.train.classes),
      batchSize: settings.batch,
      optimizer: settings.optimizer.optimizer(
        learningRate: settings.learningRate, steps: steps, clipNorm: settings.clipNorm),
      executor: executor, seed: settings.seed)
    stepSeconds.reserveCapacity(steps)
  }

  /// Takes over a checkpoint's state.
  /// - Returns: Whether it was made by an equal plan.
  func resume(_ checkpoint: Checkpoint) throws -> Bool { try trainer.restore(checkpoint) }

  /// Trains one epoch, or what is left of it, and judges the model.
  /// - Returns: Whether the epoch came to its end, rather than to an interrupt.
  mutating func runEpoch() throws -> Bool {
    let epoch = trainer.nextEpoch
    let loader = try settings.model.trainingBatches(
      images.train, of: settings.batch, seed: settings.seed, epoch: epoch)
    let bar = isQuiet ? nil : ProgressBar("epoch \(epoch)/\(settings.epochs)")
    var times: [Double] = []
    times.reserveCapacity(loader.batchCount)
    lastEpoch = try trainer.runEpoch(over: loader, options: RunOptions(trace: recorder), progress: bar) {
      seconds in
      times.append(seconds)
      return !Interrupt.isRequested
    }
    stepSeconds += times
    trainedSamples += lastEpoch.timedSamples
    trainedSeconds += lastEpoch.seconds
    guard lastEpoch.steps == loader.batchCount else { return false }
    lastTest = try judge()
    if !isQuiet { printRow() }
    return true
  }

  private func judge() throws -> PassStatistics {
    try trainer.evaluate(over: settings.model.testBatches(images.test, of: settings.batch))
  }

  /// Judges the model if no epoch was left to train.
  mutating func finish() throws {
    if lastTest.samples == 0 { lastTest = try judge() }
  }

  /// Saves the state.
  func save(to path: String) throws {
    try trainer.checkpoint(settings: settings.stored(images.train)).write(to: path)
  }

  /// Writes the trace; a failure is reported and does not fail the training.
  func writeTrace(to path: String) {
    do {
      try recorder?.write(to: path)
    } catch {
      printError("warning: the trace was not written: \(error)")
    }
  }

  private mutating func printRow() {
    if !hasHeader { print("epoch      loss   train acc    test acc    samples/s   busy") }
    hasHeader = true
    let cells: [(String, Int)] = [
      (String(trainer.epoch), 5), (decimal(lastEpoch.loss, 4), 10),
      (lastEpoch.accuracy.map { decimal($0, 4) } ?? "-", 12),
      (lastTest.accuracy.map { decimal($0, 4) } ?? "-", 12),
      (decimal(lastEpoch.samplesPerSecond, 0), 13), (decimal(lastEpoch.utilization * 100, 0) + " %", 7),
    ]
    print(cells.map { String(repeating: " ", count: Swift.max(0, $1 - $0.count)) + $0 }.joined())
    fflush(nil)
  }

  private var samplesPerSecond: Double { trainedSeconds > 0 ? Double(trainedSamples) / trainedSeconds : 0 }

  /// The last line of standard output.
  var lastLine: String {
    "test accuracy \(decimal(lastTest.accuracy ?? 0, 4)), \(decimal(samplesPerSecond, 0)) samples/s"
  }

  /// One epoch for the JSON file.
  var epochLine: JSON {
    .object([
      JSON.Member("system", .string("tributary")), JSON.Member("model", .string(settings.model.rawValue)),
      JSON.Member("epoch", .integer(trainer.epoch)), JSON.Member("loss", .number(lastEpoch.loss)),
      JSON.Member("train_accuracy", lastEpoch.accuracy.map { .number($0) } ?? .null),
      JSON.Member("test_accuracy", lastTest.accuracy.map { .number($0) } ?? .null),
      JSON.Member("samples_per_s", .number(lastEpoch.samplesPerSecond)),
      JSON.Member("utilization", .number(lastEpoch.utilization)),
    ])
  }

  /// The whole training for the JSON file.
  func summary() throws -> JSON {
    let sorted = stepSeconds.sorted()
    return .object([
      JSON.Member("system", .string("tributary")), JSON.Member("model", .string(settings.model.rawValue)),
      JSON.Member("dataset", .string(settings.dataset)),
      JSON.Member("threads", .integer(executor.workerCount)),
      JSON.Member("seed", .integer(Int(clamping: settings.seed))),
      JSON.Member("epochs", .integer(settings.epochs)),
      JSON.Member("batch", .integer(settings.batch)),
      JSON.Member("optimizer", .string(settings.optimizer.rawValue)),
      JSON.Member("steps", .integer(trainer.stepsDone)), JSON.Member("loss", .number(lastEpoch.loss)),
      JSON.Member("train_accuracy", lastEpoch.accuracy.map { .number($0) } ?? .null),
      JSON.Member("test_accuracy", lastTest.accuracy.map { .number($0) } ?? .null),
      JSON.Member("samples_per_s", .number(samplesPerSecond)),
      JSON.Member("step_ms_median", sorted.isEmpty ? .null : .number(sorted[sorted.count / 2] * 1000)),
      JSON.Member("utilization", .number(lastEpoch.utilization)),
      JSON.Member("peak_rss_mb", .number(peakResidentMegabytes())),
      JSON.Member("parameters_sha256", .string(try trainer.store.parametersDigest())),
    ])
  }
}

/// The most memory that the process has held, in MiB.
func peakResidentMegabytes() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) / 1024
}
