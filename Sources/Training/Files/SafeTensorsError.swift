/// Why a safetensors file cannot be read or written: what is wrong, and at which byte of the file.
public struct SafeTensorsError: Error, Sendable, Hashable {
  /// The kind of mistake.
  public struct Code: Hashable, Sendable {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// The file cannot be opened, read or written.
    public static let file = Code("file")
    /// The file is shorter than its header says.
    public static let truncated = Code("truncated")
    /// The header is not the JSON object that the format asks for: some other kind of file.
    public static let foreign = Code("foreign")
    /// An entry of the header is malformed.
    public static let entry = Code("entry")
    /// A name occurs twice.
    public static let duplicateName = Code("duplicateName")
    /// An element type that this library has no tensors of.
    public static let dtype = Code("dtype")
    /// Offsets lie outside the data, overlap, leave holes or do not fit the shape.
    public static let offsets = Code("offsets")
    /// A boolean that is neither 0 nor 1.
    public static let value = Code("value")
    /// A tensor that was asked for is not there, or has another type.
    public static let missing = Code("missing")
  }

  /// The kind of mistake.
  public let code: Code

  /// The file, when there is one.
  public let path: String?

  /// The byte of the file at which the mistake shows, when it has a place.
  public let offset: Int?

  /// What is wrong and how to mend it, in a sentence.
  public let message: String

  /// An error of a kind.
  public init(_ code: Code, path: String? = nil, offset: Int? = nil, message: String) {
    self.code = code
    self.path = path
    self.offset = offset
    self.message = message
  }
}

extension SafeTensorsError: CustomStringConvertible {
  /// The path, the sentence and the byte.
  public var description: String {
    let place = offset.map { " (byte \($0))" } ?? ""
    return (path.map { "\($0): " } ?? "") + message + place
  }
}
