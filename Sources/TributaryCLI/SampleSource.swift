internal import ArgumentParser
internal import Tributary

/// The kinds of places that samples are read from; each has its option, and its name in checkpoints.
enum SampleSource: String, CaseIterable, Sendable {
  case dataset
  case text

  /// The place where none is given.
  var standard: String {
    switch self {
    case .dataset: ImageRecipe.standardPlace
    case .text: TextRecipe.standardPlace
    }
  }

  fileprivate var noun: String {
    switch self {
    case .dataset: "images"
    case .text: "a text"
    }
  }
}

/// The options that say where samples come from.
struct SourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "For models of images: fashion-mnist, or a folder of IDX files.", valueName: "name|dir"))
  var dataset: String?

  @Option(
    help: ArgumentHelp(
      "For models of text: a file in UTF-8, or a folder of them; common-licenses for Debian's. The last tenth is "
        + "held out for judging.", valueName: "file|dir"))
  var text: String?

  /// The place given for a model, if any.
  /// - Throws: `ValidationError` when the place given is for models of another kind.
  func place(for model: ModelKind) throws -> String? {
    let source = model.recipe.source
    for other in SampleSource.allCases where other != source && self[other] != nil {
      throw ValidationError(
        "--\(other.rawValue) names \(other.noun), and the model \(model.rawValue) is trained on \(source.noun): "
          + "give --\(source.rawValue), or another --model.")
    }
    return self[source]
  }

  private subscript(source: SampleSource) -> String? {
    switch source {
    case .dataset: dataset
    case .text: text
    }
  }
}
