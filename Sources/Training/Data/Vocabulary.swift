/// The characters that a model tells apart, numbered; all others share the last number.
///
/// A character is a Unicode scalar, so that a text is one sequence of them on every system.
public struct Vocabulary: Sendable, Hashable {
  /// The characters with a number of their own, the most frequent first; at most ``size`` − 1.
  public let characters: [Unicode.Scalar]

  /// How many numbers there are, 2 to 256, the one that rare characters share included.
  public let size: Int

  private let numbers: [Unicode.Scalar: UInt8]

  /// The `size` − 1 most frequent characters of a text; among equally frequent ones the smaller code comes first.
  /// O(length of the text).
  /// - Throws: `DataError.mismatch` for an impossible size.
  public init(of text: some Sequence<Unicode.Scalar>, size: Int) throws(DataError) {
    var counts: [Unicode.Scalar: Int] = [:]
    for character in text { counts[character, default: 0] += 1 }
    let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    try self.init(characters: ranked.prefix(Swift.max(size - 1, 0)).map(\.key), size: size)
  }

  /// Known characters in the order of their numbers.
  /// - Throws: `DataError.mismatch` for an impossible size, or when characters repeat or do not fit in it.
  public init(characters: [Unicode.Scalar], size: Int) throws(DataError) {
    guard 2...256 ~= size else {
      throw DataError(.mismatch, message: "a vocabulary of \(size) is impossible; give 2 to 256")
    }
    guard characters.count < size, Set(characters).count == characters.count else {
      throw DataError(
        .mismatch,
        message:
          "\(characters.count) characters do not make a vocabulary of \(size): at most \(size - 1) different ones do"
      )
    }
    self.characters = characters
    self.size = size
    numbers = Dictionary(
      uniqueKeysWithValues: characters.enumerated().map { ($1, UInt8(truncatingIfNeeded: $0)) })
  }

  /// The numbers of a text's characters.
  public func encode(_ text: some Sequence<Unicode.Scalar>) -> [UInt8] {
    let rare = UInt8(truncatingIfNeeded: size - 1)
    return text.map { numbers[$0] ?? rare }
  }
}
