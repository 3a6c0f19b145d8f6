/// Why a file could not be read or written: which, what was tried, and the system's reason.
public struct FileError: Error, Sendable, Hashable {
  /// The kind of failure.
  public struct Code: Hashable, Sendable {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// The file does not exist.
    public static let notFound = Code("notFound")
    /// The file exists and could not be opened or read.
    public static let unreadable = Code("unreadable")
    /// The file could not be created, written, flushed or renamed.
    public static let unwritable = Code("unwritable")
  }

  /// The kind of failure.
  public let code: Code

  /// The path as given.
  public let path: String

  /// What is wrong and how to mend it, in a sentence.
  public let message: String

  /// An error of a kind about a path.
  public init(_ code: Code, path: String, message: String) {
    self.code = code
    self.path = path
    self.message = message
  }
}

extension FileError: CustomStringConvertible {
  /// The path and the sentence.
  public var description: String { "\(path): \(message)" }
}
