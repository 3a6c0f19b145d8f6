/// A text to learn from and its last tenth, held out to be judged by.
public struct TextCorpus: Sendable {
  /// The numbers of the characters, made from the part to learn from.
  public let vocabulary: Vocabulary

  /// Windows of the first nine tenths.
  public let train: TextDataSet

  /// Windows of the last tenth.
  public let test: TextDataSet

  /// Reads files, one text after the other.
  /// - Parameters:
  ///   - paths: Files in UTF-8.
  ///   - length: The characters of a window.
  ///   - vocabularySize: See ``Vocabulary``.
  ///   - limit: How many of the first training windows an epoch holds; all when nil.
  /// - Throws: `DataError` when a file is missing, empty or not UTF-8, when there is no file, or when the text is too short.
  public init(contentsOf paths: [String], length: Int, vocabularySize: Int, limit: Int? = nil)
    throws(DataError)
  {
    let parts = try TextCorpus.parts(of: paths, length: length)
    vocabulary = try Vocabulary(of: parts.train, size: vocabularySize)
    let numbers = vocabulary.encode(parts.train)
    let all = try TextDataSet(numbers, length: length)
    if let limit, limit < all.count - 1 {
      guard limit > 0 else {
        throw DataError(.empty, message: "a data set of \(limit) windows has no samples")
      }
      // One window more, since shifting costs one.
      train = try TextDataSet(Array(numbers.prefix((limit + 1) * length + 1)), length: length)
    } else {
      train = all
    }
    test = try TextDataSet(vocabulary.encode(parts.test), length: length)
  }

  /// Reads the part to be judged by alone.
  /// - Throws: `DataError` as ``init(contentsOf:length:vocabularySize:limit:)``.
  public static func test(contentsOf paths: [String], length: Int, vocabulary: Vocabulary) throws(DataError)
    -> TextDataSet
  {
    try TextDataSet(vocabulary.encode(parts(of: paths, length: length).test), length: length)
  }

  private typealias Part = Substring.UnicodeScalarView

  private static func parts(of paths: [String], length: Int) throws(DataError) -> (train: Part, test: Part) {
    guard let first = paths.first else { throw DataError(.empty, message: "there is no text; give a file") }
    var text = ""
    for path in paths { text += try TextFile.read(path) }
    let scalars = text.unicodeScalars
    let count = scalars.count
    let heldOut = count / 10
    let name = paths.count == 1 ? first : "\(first) … (\(paths.count) files)"
    guard heldOut > length else {
      throw DataError(
        .tooShort, path: name,
        message:
          "has \(count) characters; windows of \(length), a tenth of the text held out, need at least "
          + "\(10 * (length + 1))")
    }
    let border = scalars.index(scalars.startIndex, offsetBy: count - heldOut)
    return (scalars[..<border], scalars[border...])
  }
}
