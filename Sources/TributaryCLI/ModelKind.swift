internal import ArgumentParser
internal import Tributary

/// The models that the command trains.
enum ModelKind: String, ExpressibleByArgument, CaseIterable {
  case mlp
  case siamese
  case rnn
  case cnn

  /// What the model is trained for, on images of a size.
  func objective(imageSize: [Int], classes: Int) -> Objective {
    let pixels = imageSize.reduce(1, *)
    switch self {
    case .mlp:
      let layers = Sequential {
        Linear(pixels, 512)
        Tanh()
        Linear(512, 512)
        Tanh()
        Linear(512, classes)
      }
      return Objective(layers, input: [pixels], loss: .softmaxCrossEntropy)
    case .siamese:
      let tower = Sequential {
        Linear(pixels, 256, initial: .heNormal)
        ReLU()
        // Small weights, so that training begins with distances about the margin instead of shrinking them first.
        Linear(256, 128, initial: .normal(0.005))
      }
      return Objective(Siamese(tower), input: [pixels], margin: 1)
    case .rnn:
      let layers = Sequential {
        Recurrent(imageSize[1], 128)
        Linear(128, classes)
      }
      return Objective(layers, input: Shape(imageSize), loss: .softmaxCrossEntropy)
    case .cnn:
      let layers = Sequential {
        Conv2d(1, 32, kernel: 3, padding: 1, layout: .channelsLast)
        ReLU()
        MaxPool2d(2, layout: .channelsLast)
        Conv2d(32, 64, kernel: 3, padding: 1, layout: .channelsLast)
        ReLU()
        MaxPool2d(2, layout: .channelsLast)
        Flatten()
        Linear(imageSize[0] / 4 * (imageSize[1] / 4) * 64, 128)
        ReLU()
        Linear(128, classes)
      }
      return Objective(layers, input: Shape(imageSize + [1]), loss: .softmaxCrossEntropy)
    }
  }

  /// The batches of an epoch of training.
  func trainingBatches(_ images: ImageDataSet, of size: Int, seed: UInt64, epoch: Int) throws -> DataLoader {
    switch self {
    case .mlp: try images.shuffled(seed: seed, epoch: epoch).batches(of: size)
    case .rnn:
      try images.reshaped(to: Shape(images.imageSize)).shuffled(seed: seed, epoch: epoch).batches(of: size)
    case .cnn:
      try images.reshaped(to: Shape(images.imageSize + [1])).shuffled(seed: seed, epoch: epoch)
        .batches(of: size)
    case .siamese: try PairDataSet(images, count: images.count, seed: seed, epoch: epoch).batches(of: size)
    }
  }

  /// How many pairs a Siamese network is judged by.
  static let testPairs = 10_000

  /// The batches that the model is judged by; the same for every training.
  func testBatches(_ images: ImageDataSet, of size: Int) throws -> DataLoader {
    switch self {
    case .mlp: try images.batches(of: Swift.min(size, images.count))
    case .rnn: try images.reshaped(to: Shape(images.imageSize)).batches(of: Swift.min(size, images.count))
    case .cnn:
      try images.reshaped(to: Shape(images.imageSize + [1])).batches(of: Swift.min(size, images.count))
    case .siamese: try PairDataSet(images, count: ModelKind.testPairs, seed: 0).batches(of: size)
    }
  }
}

/// The optimisers that the command trains with.
enum OptimizerKind: String, ExpressibleByArgument, CaseIterable {
  case sgd
  case momentum
  case nesterov
  case adam
  case adamw
  case rmsprop
  case adagrad

  /// The first rate where none is given.
  var defaultLearningRate: Double {
    switch self {
    case .sgd: 0.1
    case .momentum, .nesterov, .adagrad: 0.01
    case .adam, .adamw, .rmsprop: 0.001
    }
  }

  /// The optimiser, its rate falling to zero along a cosine over all steps.
  func optimizer(learningRate: Double, steps: Int, clipNorm: Double? = nil) -> any Optimizer {
    let rate = LearningRateSchedule.cosine(peak: learningRate, floor: 0, total: steps)
    return switch self {
    case .sgd: SGD(learningRate: rate, clipNorm: clipNorm)
    case .momentum: SGD(learningRate: rate, momentum: 0.9, clipNorm: clipNorm)
    case .nesterov: SGD(learningRate: rate, momentum: 0.9, nesterov: true, clipNorm: clipNorm)
    case .adam: Adam(learningRate: rate, clipNorm: clipNorm)
    case .adamw: AdamW(learningRate: rate, clipNorm: clipNorm)
    case .rmsprop: RMSprop(learningRate: rate, clipNorm: clipNorm)
    case .adagrad: Adagrad(learningRate: rate, clipNorm: clipNorm)
    }
  }
}
