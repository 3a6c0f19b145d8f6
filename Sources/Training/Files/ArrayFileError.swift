/// Why an NPY or NPZ file cannot be read or written: what is wrong, and at which byte of the file.
public struct ArrayFileError: Error, Sendable, Hashable {
  /// The kind of mistake.
  public struct Code: Hashable, Sendable {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// The file cannot be opened, read or written.
    public static let file = Code("file")
    /// The file, or a member of it, ends before its contents do.
    public static let truncated = Code("truncated")
    /// The file is of another kind.
    public static let foreign = Code("foreign")
    /// An array's header is malformed.
    public static let header = Code("header")
    /// An element type that there are no tensors of.
    public static let dtype = Code("dtype")
    /// There are more or fewer bytes than the header or the directory says.
    public static let size = Code("size")
    /// An element that no tensor can hold: a bool that is neither 0 nor 1, a u64 beyond the largest i64.
    public static let value = Code("value")
    /// The archive's directory is malformed, or its members lie outside the file or on top of each other.
    public static let directory = Code("directory")
    /// A member is encrypted, or compressed in a way that is not read.
    public static let compression = Code("compression")
    /// Compressed data are damaged, or contents have another check sum than the directory says.
    public static let damaged = Code("damaged")
    /// A name occurs twice.
    public static let duplicateName = Code("duplicateName")
    /// An array that was asked for is not there, or has another type.
    public static let missing = Code("missing")
  }

  /// The kind of mistake.
  public let code: Code

  /// The file, when there is one.
  public let path: String?

  /// The member of the archive, when the mistake is in one.
  public let member: String?

  /// The byte of the file at which the mistake shows, when it has a place; inside compressed data, where they begin.
  public let offset: Int?

  /// What is wrong and how to mend it, in a sentence.
  public let message: String

  /// An error of a kind.
  public init(
    _ code: Code, path: String? = nil, member: String? = nil, offset: Int? = nil, message: String
  ) {
    self.code = code
    self.path = path
    self.member = member
    self.offset = offset
    self.message = message
  }
}

extension ArrayFileError: CustomStringConvertible {
  /// The path, the member, the sentence and the byte.
  public var description: String {
    let place = offset.map { " (byte \($0))" } ?? ""
    return (path.map { "\($0): " } ?? "") + (member.map { "member \"\($0)\": " } ?? "") + message + place
  }
}
