public import TributaryAutodiff
internal import TributaryOps

extension Trainer {
  /// The state of training now, between two steps.
  /// - Parameter settings: What else to remember.
  /// - Throws: `TrainingError.notFiniteLoss` naming a state that has a NaN or an infinity, so that no checkpoint ever
  ///   replaces a good one by a useless one.
  public func checkpoint(settings: [String: String] = [:]) throws -> Checkpoint {
    let states = try store.safeTensors()
    for entry in states.entries where !entry.tensor.isFinite {
      throw TrainingError(
        .notFiniteLoss, step: stepsDone,
        message: "state \"\(entry.name)\" holds NaN or an infinity after step \(stepsDone); nothing was saved"
      )
    }
    return Checkpoint(
      states: states, stepsDone: stepsDone, epoch: epoch, seed: seed, fingerprint: plan.fingerprint,
      settings: settings, pass: current)
  }

  /// Goes back, or forward, to a checkpoint.
  /// - Returns: Whether the checkpoint was made by an equal plan; otherwise bits may differ from then on.
  /// - Throws: `TrainingError.checkpoint` when the states are not those of this model; nothing is changed then.
  @discardableResult
  public func restore(_ checkpoint: Checkpoint) throws -> Bool {
    try store.restore(checkpoint.states)
    stepsDone = checkpoint.stepsDone
    epoch = checkpoint.epoch
    current = checkpoint.pass
    return checkpoint.fingerprint == plan.fingerprint
  }
}

extension ParameterStore {
  /// Every state by its name, in order of declaration, all of the same step.
  /// - Throws: `RunError` when the states do not belong together because a step failed amid its assignments.
  public func safeTensors() throws -> SafeTensors {
    let states = try snapshot()
    var file = SafeTensors()
    for name in names { if let tensor = states[name] { try file.add(name, tensor) } }
    return file
  }

  /// Writes every state to a safetensors file.
  /// - Throws: `SafeTensorsError` when the file cannot be written; an old file is then untouched.
  public func save(safeTensors path: String) throws { try safeTensors().write(to: path) }

  /// Sets every state from the tensors of the same names; tensors of other names are not looked at.
  /// - Throws: `TrainingError.checkpoint` when one is missing or has another type; nothing is changed then.
  public func restore(_ file: SafeTensors) throws {
    var states: [String: Tensor] = [:]
    for descriptor in descriptors {
      do throws(SafeTensorsError) {
        states[descriptor.name] = try file.tensor(descriptor.name, type: descriptor.type)
      } catch {
        throw TrainingError(.checkpoint, message: "the file is of another model: \(error.message)")
      }
    }
    try restore(states)
  }

  /// The SHA-256 digest of the little-endian bytes of all parameters in order of declaration, in hexadecimal.
  public func parametersDigest() throws -> String {
    var digest = SHA256()
    for descriptor in descriptors where descriptor.isParameter {
      try tensor(named: descriptor.name).withUnsafeBytes { digest.update($0) }
    }
    return digest.finish()
  }
}

extension Tensor {
  /// Whether no element is NaN or infinite.
  fileprivate var isFinite: Bool {
    withUnsafeBytes { bytes in
      switch dtype {
      case .float32: bytes.bindMemory(to: Float.self).allSatisfy(\.isFinite)
      case .float64: bytes.bindMemory(to: Double.self).allSatisfy(\.isFinite)
      case .int32, .int64, .bool: true
      }
    }
  }
}
