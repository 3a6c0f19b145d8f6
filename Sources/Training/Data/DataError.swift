/// Why samples cannot be had: what is wrong with which file or data set, and how to mend it.
public struct DataError: Error, Sendable, Hashable {
  /// The kind of mistake.
  public struct Code: Hashable, Sendable {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// A file cannot be opened or read.
    public static let file = Code("file")
    /// A file is shorter than it says.
    public static let truncated = Code("truncated")
    /// A file is of another kind.
    public static let foreign = Code("foreign")
    /// Files or tensors that belong together do not fit.
    public static let mismatch = Code("mismatch")
    /// There are no samples.
    public static let empty = Code("empty")
    /// A text is too short for one window.
    public static let tooShort = Code("tooShort")
    /// A text is not UTF-8.
    public static let encoding = Code("encoding")
    /// A batch has no samples or more than the data set.
    public static let batchSize = Code("batchSize")
  }

  /// The kind of mistake.
  public let code: Code

  /// The file, when there is one.
  public let path: String?

  /// What is wrong and how to mend it, in a sentence.
  public let message: String

  /// An error of a kind.
  public init(_ code: Code, path: String? = nil, message: String) {
    self.code = code
    self.path = path
    self.message = message
  }
}

extension DataError: CustomStringConvertible {
  /// The path and the sentence.
  public var description: String { (path.map { "\($0): " } ?? "") + message }
}
