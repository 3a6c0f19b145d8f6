internal import Foundation
internal import Tributary

/// A transformer that learns which character follows those before it.
struct TextRecipe: Recipe {
  /// Numbers of characters: 63 with one of their own and one that rare ones share.
  private static let vocabularySize = 64

  /// Characters of a window.
  private static let length = 64

  /// The text where none is given: the licences that Debian installs.
  static let standardPlace = "common-licenses"

  var source: SampleSource { .text }
  var epochs: Int { 3 }
  var batch: Int { 8 }
  var usualObjective: Objective { TextRecipe.objective }

  var figures: [Figure] {
    [
      Figure(name: "bits/char", key: "bits_per_character") { $0 / log(2) },
      Figure(name: "perplexity", key: "perplexity") { exp($0) },
    ]
  }

  private static var objective: Objective {
    let model = LanguageModel(vocabulary: vocabularySize, length: length, width: 256, heads: 8, blocks: 4)
    return Objective(model, input: [length], dtype: .int32, loss: .softmaxCrossEntropy)
  }

  func read(_ place: String, limit: Int?) throws -> any TrainingSamples {
    Samples(
      corpus: try TextCorpus(
        contentsOf: files(of: place), length: TextRecipe.length, vocabularySize: TextRecipe.vocabularySize,
        limit: limit))
  }

  func readTest(_ place: String, for checkpoint: StoredSettings) throws -> any TestSamples {
    let characters = Array(try checkpoint.text("vocabulary").unicodeScalars)
    let vocabulary = try Vocabulary(characters: characters, size: TextRecipe.vocabularySize)
    return Judged(
      text: try TextCorpus.test(
        contentsOf: files(of: place), length: TextRecipe.length, vocabulary: vocabulary))
  }

  /// A file itself, or the files of a folder by their names; links to them would only repeat a text.
  private func files(of place: String) throws -> [String] {
    let path = place == TextRecipe.standardPlace ? "/usr/share/common-licenses" : place
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      let advice =
        place == TextRecipe.standardPlace
        ? "it comes with Debian's base-files; give --text and a file"
        : "give a file in UTF-8, or a folder of them"
      throw CommandError("text \(place): there is no \(path); \(advice)")
    }
    guard isFolder.boolValue else { return [path] }
    let files = try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { "\(path)/\($0)" }
      .filter {
        try FileManager.default.attributesOfItem(atPath: $0)[.type] as? FileAttributeType == .typeRegular
      }
    guard !files.isEmpty else {
      throw CommandError("text \(place): the folder holds no file; give one with texts")
    }
    return files
  }

  /// A text to be judged by.
  private struct Judged: TestSamples {
    let text: TextDataSet

    var objective: Objective { TextRecipe.objective }

    func testBatches(of size: Int) throws -> DataLoader { try text.batches(ofAtMost: size) }
  }

  /// A text to learn from and its end to be judged by.
  private struct Samples: TrainingSamples {
    let corpus: TextCorpus

    var objective: Objective { TextRecipe.objective }

    func testBatches(of size: Int) throws -> DataLoader {
      try corpus.test.batches(ofAtMost: size)
    }

    func trainingBatches(of size: Int, seed: UInt64, epoch: Int) throws -> DataLoader {
      try corpus.train.shifted(seed: seed, epoch: epoch).shuffled(seed: seed, epoch: epoch).batches(of: size)
    }

    var stored: [String: String] {
      var text = String.UnicodeScalarView()
      text.append(contentsOf: corpus.vocabulary.characters)
      return ["vocabulary": String(text)]
    }
  }
}
