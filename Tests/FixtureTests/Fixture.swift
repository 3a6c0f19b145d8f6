import Foundation
import Tributary

/// The folder that holds `operators/` and `trajectories/`.
struct FixtureFolder {
  let path: String

  /// `TRIBUTARY_FIXTURES`, or the project's own copy.
  static var current: FixtureFolder {
    if let given = ProcessInfo.processInfo.environment["TRIBUTARY_FIXTURES"], !given.isEmpty {
      return FixtureFolder(path: given)
    }
    return own
  }

  /// The project's own copy.
  static var own: FixtureFolder {
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return FixtureFolder(path: here.appendingPathComponent("Fixtures").path)
  }

  /// The paths of the safetensors files in a folder, sorted by name.
  func files(in folder: String) throws -> [String] {
    let directory = path + "/" + folder
    let names = try FileManager.default.contentsOfDirectory(atPath: directory)
    return names.filter { $0.hasSuffix(".safetensors") }.sorted().map { directory + "/" + $0 }
  }

  /// The tolerance classes: the folder's own where it has them, else the project's.
  func toleranceClasses() throws -> [String: ToleranceClass] {
    let name = "/tolerances.json"
    let chosen = FileManager.default.fileExists(atPath: path + name) ? path : FixtureFolder.own.path
    return try JSONDecoder().decode(
      [String: ToleranceClass].self, from: Data(contentsOf: URL(fileURLWithPath: chosen + name)))
  }
}

/// One fixture file: its tensors and the JSON object that describes them.
struct Fixture {
  let name: String
  let tensors: SafeTensors
  let description: Members

  init(path: String) throws {
    name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    tensors = try SafeTensors(contentsOf: path)
    guard let text = tensors.metadata["fixture"] else {
      throw FixtureError("the file has no \"fixture\" metadata")
    }
    description = Members(try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8)))
  }

  /// The tensor of a name.
  func tensor(_ name: String) throws -> Tensor { try tensors.tensor(name) }

  /// The tensors `prefix.0`, `prefix.1`, ... with their numbers; numbers may be missing.
  func numbered(_ prefix: String) -> [(index: Int, tensor: Tensor)] {
    tensors.entries.compactMap { entry in
      guard entry.name.hasPrefix(prefix + "."), let index = Int(entry.name.dropFirst(prefix.count + 1)) else {
        return nil
      }
      return (index, entry.tensor)
    }.sorted { $0.index < $1.index }
  }

  /// The tensors `prefix.<name>`, without the prefix.
  func named(_ prefix: String) -> [(name: String, tensor: Tensor)] {
    tensors.entries.compactMap { entry in
      guard entry.name.hasPrefix(prefix + ".") else { return nil }
      return (String(entry.name.dropFirst(prefix.count + 1)), entry.tensor)
    }
  }
}

/// How one fixture ended.
enum Outcome: Sendable {
  case passed
  case failed(String)
  case skipped(String)
}
