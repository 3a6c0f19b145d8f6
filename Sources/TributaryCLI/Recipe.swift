internal import Tributary

/// What the command needs to know of a model: on what it is trained, how by default, and how it is judged.
///
/// The one place where models differ; the commands know recipes alone.
protocol Recipe: Sendable {
  /// Where samples come from.
  var source: SampleSource { get }

  /// Passes over the training samples where none are given.
  var epochs: Int { get }

  /// Samples in a batch where none are given.
  var batch: Int { get }

  /// What else than loss and accuracy tells how good the model is.
  var figures: [Figure] { get }

  /// The objective for samples of the usual form.
  var usualObjective: Objective { get }

  /// Reads what the model is trained on and judged by.
  func read(_ place: String, limit: Int?) throws -> any TrainingSamples

  /// Reads what a trained model is judged by, in the form that its checkpoint tells.
  func readTest(_ place: String, for checkpoint: StoredSettings) throws -> any TestSamples
}

/// What a model is judged by.
protocol TestSamples: Sendable {
  /// What the model is trained for, on samples of this form.
  var objective: Objective { get }

  /// The batches that the model is judged by; the same for every training.
  func testBatches(of size: Int) throws -> DataLoader
}

/// What a model is trained on and judged by.
protocol TrainingSamples: TestSamples {
  /// The batches of an epoch of training; as many in every epoch.
  func trainingBatches(of size: Int, seed: UInt64, epoch: Int) throws -> DataLoader

  /// What a checkpoint has to tell of the samples' form.
  var stored: [String: String] { get }
}

/// A figure made from the mean loss.
struct Figure: Sendable {
  /// The name in tables.
  let name: String

  /// The name in JSON.
  let key: String

  let value: @Sendable (_ loss: Double) -> Double
}

extension DataSet {
  /// Batches of a size, or one of all samples where there are fewer.
  func batches(ofAtMost size: Int) throws -> DataLoader { try batches(of: Swift.min(size, count)) }
}
