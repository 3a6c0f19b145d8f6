import Testing
import TributaryOps
import TributaryTestSupport

@testable import TributaryTraining

@Suite struct TextDataSetTests {
  private func rows(_ set: TextDataSet) throws -> [[Int32]] {
    let batch = try Batch(of: set.count, columns: set.columns)
    for sample in 0..<set.count { set.write(sample: sample, to: sample, of: batch) }
    let inputs = try batch.tensor(column: 0).elements(Int32.self)
    let targets = try batch.tensor(column: 1).elements(Int32.self)
    return (0..<set.count).map { row in
      let range = (row * set.length)..<((row + 1) * set.length)
      #expect(Array(inputs[range].dropFirst()) == Array(targets[range].dropLast()))
      return Array(inputs[range]) + [targets[range.upperBound - 1]]
    }
  }

  @Test func windowsLieSideBySideAndTargetsAreOneFurther() throws {
    let set = try TextDataSet((0..<14).map { UInt8($0) }, length: 4)
    #expect(set.count == 3 && set.columns == [TensorType(.int32, [4]), TensorType(.int32, [4])])
    #expect(try rows(set) == [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8], [8, 9, 10, 11, 12]])
    #expect(try TextDataSet((0..<13).map { UInt8($0) }, length: 4).count == 3)
    #expect(try TextDataSet((0..<12).map { UInt8($0) }, length: 4).count == 2)
    #expect(try rows(TextDataSet([7, 8], length: 1)) == [[7, 8]])
  }

  @Test(arguments: [5, 6, 8, 9, 12, 13, 14, 40]) func shiftedWindowsStayInside(characters: Int) throws {
    let set = try TextDataSet((0..<characters).map { UInt8($0) }, length: 4)
    var beginnings: Set<Int32> = []
    for epoch in 1...60 {
      let shifted = set.shifted(seed: 3, epoch: epoch)
      #expect(shifted.count == Swift.max(1, set.count - 1))
      let rows = try rows(shifted)
      beginnings.insert(rows[0][0])
      let all = rows.flatMap { $0.dropLast() } + [rows[rows.count - 1][4]]
      #expect(all == (0..<Int32(all.count)).map { $0 + rows[0][0] } && all[all.count - 1] < characters)
      #expect(try rows == self.rows(set.shifted(seed: 3, epoch: epoch)))
    }
    #expect(beginnings == Set(0..<Int32(Swift.min(4, characters - Swift.max(1, set.count - 1) * 4))))
  }

  @Test func impossibleWindowsAreRefused() throws {
    let short = try #require(throws: DataError.self) { try TextDataSet([1, 2, 3], length: 3) }
    #expect(short.code == .tooShort && short.message.contains("3 characters"))
    for length in [0, -1] {
      let error = try #require(throws: DataError.self) { try TextDataSet([1, 2, 3], length: length) }
      #expect(error.code == .mismatch && error.message.contains("\(length)"))
    }
  }

  @Test func frequentCharactersAreNumberedAndRareOnesShare() throws {
    let text = "cccaabbddé".unicodeScalars
    let vocabulary = try Vocabulary(of: text, size: 4)
    // c is the most frequent; a, b and d are equally so, and the smaller codes win.
    #expect(vocabulary.characters == ["c", "a", "b"])
    #expect(vocabulary.encode("abcdéx".unicodeScalars) == [1, 2, 0, 3, 3, 3])
    let whole = try Vocabulary(of: text, size: 64)
    #expect(whole.characters == ["c", "a", "b", "d", "é"])
    #expect(whole.encode("éx".unicodeScalars) == [4, 63])
    #expect(try Vocabulary(characters: whole.characters, size: 64) == whole)
    #expect(try Vocabulary(of: "\r\n\r".unicodeScalars, size: 3).characters == ["\r", "\n"])
  }

  @Test func impossibleVocabulariesAreRefused() throws {
    for size in [-1, 0, 1, 257] {
      let error = try #require(throws: DataError.self) { try Vocabulary(of: "ab".unicodeScalars, size: size) }
      #expect(error.code == .mismatch && error.message.contains("\(size)"))
    }
    #expect(throws: DataError.self) { try Vocabulary(characters: ["a", "b"], size: 2) }
    #expect(throws: DataError.self) { try Vocabulary(characters: ["a", "a"], size: 9) }
  }

  @Test func theLastTenthIsHeldOut() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array(String(repeating: "abcd", count: 45).utf8), to: "one")
    try folder.write(Array(String(repeating: "x", count: 20).utf8), to: "two")
    let paths = ["one", "two"].map { folder.path($0) }
    let corpus = try TextCorpus(contentsOf: paths, length: 4, vocabularySize: 8)
    // Characters of the held-out part alone have no number.
    #expect(corpus.vocabulary.characters == ["a", "b", "c", "d"])
    #expect(corpus.train.count == 44 && corpus.test.count == 4)
    #expect(try rows(corpus.train)[43] == [0, 1, 2, 3, 0])
    #expect(try rows(corpus.test) == Array(repeating: [7, 7, 7, 7, 7], count: 4))
    let again = try TextCorpus.test(contentsOf: paths, length: 4, vocabulary: corpus.vocabulary)
    #expect(try rows(again) == rows(corpus.test))
    for limit in [1, 2, 42, 43, 44, 1000, Int.max] {
      let some = try TextCorpus(contentsOf: paths, length: 4, vocabularySize: 8, limit: limit)
      #expect(some.train.shifted(seed: 1, epoch: 1).count == Swift.min(limit, 43))
      #expect(some.vocabulary == corpus.vocabulary)
    }
    #expect(throws: DataError.self) {
      try TextCorpus(contentsOf: paths, length: 4, vocabularySize: 8, limit: 0)
    }
  }

  @Test func textsThatCannotBeReadAreNamed() throws {
    let folder = try TemporaryFolder()
    func error(_ bytes: [UInt8]?, length: Int = 4) throws -> DataError {
      if let bytes { try folder.write(bytes, to: "text") }
      let path = bytes == nil ? folder.path("none") : folder.path("text")
      let error = try #require(throws: DataError.self) {
        try TextCorpus(contentsOf: [path], length: length, vocabularySize: 64)
      }
      #expect(error.path == path)
      return error
    }
    #expect(try error(nil).code == .file)
    #expect(try error([]).code == .empty)
    let short = try error(Array(String(repeating: "é", count: 49).utf8))
    #expect(short.code == .tooShort && short.message.contains("49 ") && short.message.contains("50"))
    let latin = try error(Array("caf".utf8) + [0xE9] + Array(" au lait".utf8))
    #expect(latin.code == .encoding && latin.message.contains("byte 3 is 0xe9"), "\(latin)")
    let cut = try error(Array("caf".utf8) + [0xC3])
    #expect(cut.code == .encoding && cut.message.contains("byte 3 is 0xc3"), "\(cut)")
    #expect(try error([0xFF]).message.contains("byte 0"))
    let none = try #require(throws: DataError.self) {
      try TextCorpus(contentsOf: [], length: 4, vocabularySize: 64)
    }
    #expect(none.code == .empty)
    let directory = try #require(throws: DataError.self) { try TextFile.read(folder.path("")) }
    #expect(directory.code == .file)
  }
}
