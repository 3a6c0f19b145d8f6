internal import Tributary

/// The trainer's own loop over the MLP's batches, drawn from nothing but a formula: what `steady` counts beside prepared runs.
struct SteadyTrainer {
  private let trainer: Trainer
  private let loader: DataLoader

  /// A trainer with `steps` batches ahead of it.
  init(threads: Int, steps: Int) throws {
    let batch = 128
    let model = Sequential {
      Linear(784, 512)
      Tanh()
      Linear(512, 512)
      Tanh()
      Linear(512, 10)
    }
    trainer = try Trainer(
      model, input: [batch, 784], loss: .softmaxCrossEntropy, optimizer: Adam(),
      executor: GraphExecutor(workers: threads), seed: 1)
    let samples = 8 * batch
    let images = (0..<samples * 784).map { Float($0 % 251) / 251 }
    let labels = (0..<samples).map { Int32($0 % 10) }
    let data = try TensorDataSet([Tensor(images, shape: [samples, 784]), Tensor(labels, shape: [samples])])
    loader = try RepeatedDataSet(base: data, count: steps * batch).batches(of: batch)
  }

  /// Trains; `afterStep` is told how many steps are done.
  func run(afterStep: (Int) -> Void) throws {
    _ = try trainer.runEpoch(over: loader) { _ in
      afterStep(trainer.stepsDone)
      return true
    }
  }
}

/// A data set that begins again when it ends.
private struct RepeatedDataSet: DataSet {
  let base: TensorDataSet
  let count: Int

  var columns: [TensorType] { base.columns }

  func write(sample: Int, to row: Int, of batch: Batch) {
    base.write(sample: sample % base.count, to: row, of: batch)
  }
}
