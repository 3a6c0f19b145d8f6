internal import ArgumentParser

/// The models that the command trains.
enum ModelKind: String, ExpressibleByArgument, CaseIterable {
  case mlp
  case siamese
  case rnn
  case lstm
  case cnn
  case transformer

  /// What the model is trained on, and how.
  var recipe: any Recipe {
    switch self {
    case .mlp: ImageRecipe.mlp
    case .siamese: ImageRecipe.siamese
    case .rnn: ImageRecipe.rnn
    case .lstm: ImageRecipe.lstm
    case .cnn: ImageRecipe.cnn
    case .transformer: TextRecipe()
    }
  }
}
