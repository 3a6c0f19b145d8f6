internal import ArgumentParser
internal import Foundation

/// Where images come from: a name that the command knows, or a folder.
struct DataFolder {
  /// The name or folder as given.
  let name: String

  /// The folder.
  let path: String

  init(_ name: String) {
    self.name = name
    path =
      name == "fashion-mnist"
      ? ProcessInfo.processInfo.environment["TRIBUTARY_FASHION_MNIST"] ?? "/usr/share/datasets/fashion-mnist"
      : name
  }

  /// Throws unless the folder exists.
  func check() throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { return }
    let advice =
      name == "fashion-mnist"
      ? "install it with `apt-get install dataset-fashion-mnist`, or set TRIBUTARY_FASHION_MNIST to its folder"
      : "give a folder of IDX files, or fashion-mnist"
    throw CommandError("data set \(name): there is no folder \(path); \(advice)")
  }
}

/// A mistake that is not one of the command line's form; the command ends with exit code 1.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
