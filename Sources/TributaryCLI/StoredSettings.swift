internal import Tributary

/// What a checkpoint of this command says of the training that made it.
struct StoredSettings {
  private let path: String
  private let values: [String: String]

  init(_ checkpoint: Checkpoint, path: String) {
    self.path = path
    values = checkpoint.settings
  }

  /// A setting.
  /// - Throws: `CommandError` when it is missing or is nothing that the command could have written.
  func value<Value>(_ name: String, _ parse: (String) -> Value?) throws -> Value {
    guard let text = values[name], let value = parse(text) else {
      throw CommandError("\(path): does not say its \(name); it was not written by `tributary train`")
    }
    return value
  }

  /// A text.
  func text(_ name: String) throws -> String { try value(name) { $0 } }

  /// A number of things, 1 or more.
  func count(_ name: String) throws -> Int { try value(name) { Int($0).flatMap { $0 > 0 ? $0 : nil } } }

  /// The model.
  func model() throws -> ModelKind { try value("model") { ModelKind(rawValue: $0) } }

  /// Throws unless samples have the form of those that the training began with.
  func check(_ samples: any TrainingSamples) throws {
    for (name, now) in samples.stored.sorted(by: { $0.key < $1.key }) {
      let before = try text(name)
      guard before == now else {
        throw CommandError(
          "\(path): the samples have changed since: their \(name) was \(before) and is \(now); put the old ones back, "
            + "or train anew")
      }
    }
  }
}
