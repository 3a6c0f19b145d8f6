internal import ArgumentParser
internal import Tributary

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
