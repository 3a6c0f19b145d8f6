import TributaryTestSupport

/// Texts whose next character is easily told.
enum SmallTexts {
  /// Sentences of a few words in an order drawn by a fixed seed; some 5 characters a word.
  static func sentences(words: Int) -> String {
    let vocabulary = ["many", "streams", "make", "one", "river"]
    var state: UInt32 = 7
    var text = ""
    for index in 0..<words {
      state = state &* 1_664_525 &+ 1_013_904_223
      text += vocabulary[Int(state >> 16) % vocabulary.count] + (index % 9 == 8 ? ".\n" : " ")
    }
    return text
  }

  /// A folder that holds such a text as `text`.
  static func folder(words: Int = 1200) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(Array(sentences(words: words).utf8), to: "text")
    return folder
  }
}
