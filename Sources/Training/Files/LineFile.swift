#if canImport(Glibc)
  internal import Glibc
#endif

/// A text file that lines are appended to, each by one write, so that several processes may append to one file.
package struct LineFile: Sendable {
  private let path: String

  /// A file to append to.
  /// - Throws: `FileError` when the path cannot be written; nothing is created before the first line.
  package init(_ path: String) throws(FileError) {
    self.path = path
    if InputFile.exists(path) {
      try LineFile.open(path) { _ throws(FileError) in }
    } else {
      try OutputFile.checkWritable(path)
    }
  }

  /// Appends a line.
  /// - Throws: `FileError` when the disk refuses it.
  package func append(_ line: String) throws(FileError) {
    let bytes = Array((line + "\n").utf8)
    try LineFile.open(path) { (descriptor) throws(FileError) in
      guard write(descriptor, bytes, bytes.count) == bytes.count else {
        throw FileError(.unwritable, path: path, message: "cannot be written: \(systemMessage())")
      }
    }
  }

  private static func open(_ path: String, _ body: (Int32) throws(FileError) -> Void) throws(FileError) {
    let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw FileError(.unwritable, path: path, message: "cannot be written: \(systemMessage())")
    }
    defer { close(descriptor) }
    try body(descriptor)
  }
}

/// Writes a whole text file: beside the path first, then renamed.
/// - Throws: `FileError` when the path cannot be written; an old file is then untouched.
package func replaceFile(at path: String, with text: String) throws(FileError) {
  let file = try OutputFile(replacing: path)
  let bytes = Array(text.utf8)
  try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
    try file.write(UnsafeRawBufferPointer(bytes))
  }
  try file.commit()
}
