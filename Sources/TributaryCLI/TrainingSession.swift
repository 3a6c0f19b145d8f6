internal import Foundation
internal import Tributary
internal import TributaryMeasuring
internal import TributaryTraining

/// A training as the command runs it: epochs, their table, and the figures at the end.
struct TrainingSession {
  let settings: TrainingSettings
  let samples: any TrainingSamples
  let executor: GraphExecutor
  let recorder: TraceRecorder?
  let isQuiet: Bool
  let trainer: Trainer

  private(set) var stepSeconds: [Double] = []
  private(set) var trainedSamples = 0
  private(set) var trainedSeconds = 0.0
  private(set) var lastEpoch = PassStatistics()
  private(set) var lastTest = PassStatistics()
  private var hasHeader = false

  init(
    _ settings: TrainingSettings, _ samples: any TrainingSamples, executor: GraphExecutor,
    recorder: TraceRecorder?, memoryBudget: ByteCount?, isQuiet: Bool
  ) throws {
    self.settings = settings
    self.samples = samples
    self.executor = executor
    self.recorder = recorder
    self.isQuiet = isQuiet
    let first = try samples.trainingBatches(of: settings.batch, seed: settings.seed, epoch: 1)
    let steps = first.batchCount * settings.epochs
    trainer = try Trainer(
      samples.objective, batchSize: settings.batch,
      optimizer: settings.optimizer.optimizer(
        learningRate: settings.learningRate, steps: steps, clipNorm: settings.clipNorm),
      executor: executor, seed: settings.seed, memoryBudget: memoryBudget?.bytes)
    stepSeconds.reserveCapacity(steps)
  }

  /// Takes over a checkpoint's state.
  /// - Returns: Whether it was made by an equal plan.
  func resume(_ checkpoint: Checkpoint) throws -> Bool { try trainer.restore(checkpoint) }

  /// Shows how well the model does before its first step.
  mutating func begin() throws {
    guard trainer.stepsDone == 0, !isQuiet else { return }
    lastTest = try judge()
    printRow()
  }

  /// Trains one epoch, or what is left of it, and judges the model.
  /// - Returns: Whether the epoch came to its end, rather than to an interrupt.
  mutating func runEpoch() throws -> Bool {
    let epoch = trainer.nextEpoch
    let loader = try samples.trainingBatches(of: settings.batch, seed: settings.seed, epoch: epoch)
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
    try trainer.evaluate(over: samples.testBatches(of: settings.batch))
  }

  /// Judges the model if no epoch was left to train.
  mutating func finish() throws {
    if lastTest.samples == 0 { lastTest = try judge() }
  }

  /// Saves the state.
  func save(to path: String) throws {
    try trainer.checkpoint(settings: settings.stored(with: samples)).write(to: path)
  }

  private mutating func printRow() {
    if !hasHeader { print(tableHeading) }
    hasHeader = true
    print(tableRow)
    fflush(nil)
  }

  /// Writes the trace; a failure is reported and does not fail the training.
  func writeTrace(to path: String) {
    do {
      try recorder?.write(to: path)
    } catch {
      printError("warning: the trace was not written: \(error)")
    }
  }
}

extension TrainingSession {
  private static let secondsOfRates = 0.05

  /// Where the time of the recorded steps went, against the machine's rates, which are measured now; nil when nothing
  /// was recorded.
  func profile() throws -> ProfileReport? {
    guard let recorder else { return nil }
    let rates = try MachineRates(threads: executor.workerCount, seconds: TrainingSession.secondsOfRates)
    return ProfileReport(trainer.profile(recorder), rates: rates)
  }
}

/// The most memory that the process has held, in MiB.
func peakResidentMegabytes() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) / 1024
}
