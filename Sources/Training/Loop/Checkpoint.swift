internal import TributaryOps

/// The whole state of training at one step: parameters, moments, the count of steps, and where in which epoch. A
/// training that is resumed from it gives the same bits as one that was never stopped.
///
/// Stored as one safetensors file: every state under its name, the rest as text in the metadata.
public struct Checkpoint: Sendable {
  /// Every state of the store, by name, in order of declaration.
  public let states: SafeTensors

  /// Steps done.
  public let stepsDone: Int

  /// The epoch, from 1 on.
  public let epoch: Int

  /// The seed that parameters and the order of samples are drawn from.
  public let seed: UInt64

  /// The fingerprint of the plan that trained it; another one may give other bits.
  public let fingerprint: String

  /// What the caller wants to remember: the model's name and the like.
  public let settings: [String: String]

  /// What came of the epoch so far; nothing when it was complete.
  let pass: PassStatistics

  init(
    states: SafeTensors, stepsDone: Int, epoch: Int, seed: UInt64, fingerprint: String,
    settings: [String: String], pass: PassStatistics
  ) {
    self.states = states
    self.stepsDone = stepsDone
    self.epoch = epoch
    self.seed = seed
    self.fingerprint = fingerprint
    self.settings = settings
    self.pass = pass
  }

  /// Batches of the epoch done already; 0 when it was complete.
  public var position: Int { pass.steps }

  private static let format = "1"

  /// Reads a file.
  /// - Throws: `SafeTensorsError` when it is no such file, `TrainingError.checkpoint` when it is not a checkpoint.
  public init(contentsOf path: String) throws {
    let file = try SafeTensors(contentsOf: path)
    func text(_ key: String) throws(TrainingError) -> String {
      guard let text = file.metadata["tributary.\(key)"] else {
        throw TrainingError(
          .checkpoint, message: "\(path): is not a checkpoint of training; it lacks tributary.\(key)")
      }
      return text
    }
    func number<Number: LosslessStringConvertible>(_ key: String) throws(TrainingError) -> Number {
      let text = try text(key)
      guard let number = Number(text) else {
        throw TrainingError(.checkpoint, message: "\(path): tributary.\(key) is no number: \(text)")
      }
      return number
    }
    let format = try text("checkpoint")
    guard format == Checkpoint.format else {
      throw TrainingError(
        .checkpoint,
        message: "\(path): is a checkpoint of form \(format); this version reads form \(Checkpoint.format)")
    }
    var pass = PassStatistics()
    pass.steps = try number("epoch_steps")
    pass.samples = try number("epoch_samples")
    pass.right = try number("epoch_right")
    pass.lossSum = Double(bitPattern: try number("epoch_loss_bits"))
    guard pass.steps >= 0, pass.samples >= 0 else {
      throw TrainingError(.checkpoint, message: "\(path): tributary.epoch_steps is negative")
    }
    self.init(
      states: file, stepsDone: try number("steps"), epoch: try number("epoch"), seed: try number("seed"),
      fingerprint: try text("fingerprint"),
      settings: Dictionary(
        uniqueKeysWithValues: file.metadata.compactMap { key, value in
          key.hasPrefix("setting.") ? (String(key.dropFirst(8)), value) : nil
        }),
      pass: pass)
  }

  /// Writes a file: beside the path first, then renamed, so that the path never holds half of it.
  /// - Throws: `SafeTensorsError.file` with the system's reason; an old file is then untouched.
  public func write(to path: String) throws(SafeTensorsError) {
    var file = states
    file.metadata = [
      "tributary.checkpoint": Checkpoint.format,
      "tributary.steps": String(stepsDone),
      "tributary.epoch": String(epoch),
      "tributary.seed": String(seed),
      "tributary.fingerprint": fingerprint,
      "tributary.epoch_steps": String(pass.steps),
      "tributary.epoch_samples": String(pass.samples),
      "tributary.epoch_right": String(pass.right),
      "tributary.epoch_loss_bits": String(pass.lossSum.bitPattern),
    ]
    for (key, value) in settings { file.metadata["setting.\(key)"] = value }
    try file.write(to: path)
  }

  /// Throws unless a checkpoint could be written at a path now.
  /// - Throws: `FileError` naming the path and the system's reason.
  public static func checkWritable(_ path: String) throws(FileError) { try OutputFile.checkWritable(path) }
}
