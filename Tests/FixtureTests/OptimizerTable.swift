import Tributary

/// The optimizers and schedules of the fixtures, by name.
enum OptimizerTable {
  static func optimizer(_ attributes: Members) throws -> any Optimizer {
    let rate = LearningRateSchedule.constant(try attributes.number("lr"))
    switch try attributes.text("name") {
    case "sgd":
      return SGD(learningRate: rate, clipNorm: try attributes.optionalNumber("clip_norm"))
    case "momentum":
      return SGD(
        learningRate: rate, momentum: try attributes.number("momentum"),
        nesterov: try attributes.bool("nesterov"))
    case "adam":
      return Adam(
        learningRate: rate, beta1: try attributes.number("beta1"), beta2: try attributes.number("beta2"),
        epsilon: try attributes.number("epsilon"))
    case "adamw":
      return AdamW(
        learningRate: rate, beta1: try attributes.number("beta1"), beta2: try attributes.number("beta2"),
        epsilon: try attributes.number("epsilon"), weightDecay: try attributes.number("weight_decay"))
    case "rmsprop":
      return RMSprop(
        learningRate: rate, alpha: try attributes.number("alpha"), epsilon: try attributes.number("epsilon"))
    case "adagrad":
      return Adagrad(learningRate: rate, epsilon: try attributes.number("epsilon"))
    case let name:
      throw FixtureError("unknown optimizer \(name)")
    }
  }

  /// A schedule; its kind is the part of its name before the dot.
  static func schedule(_ name: String, _ attributes: Members) throws -> LearningRateSchedule {
    let rate = try attributes.number("lr")
    switch name.prefix(while: { $0 != "." }) {
    case "cosine":
      return .cosine(
        peak: rate, floor: try attributes.number("floor"), total: try attributes.integer("total"))
    case "step":
      return .step(
        initial: rate, gamma: try attributes.number("gamma"), every: try attributes.integer("every"))
    case "warmup-linear":
      return .warmupLinear(
        peak: rate, warmup: try attributes.integer("warmup"), total: try attributes.integer("total"))
    default:
      throw FixtureError("unknown schedule \(name)")
    }
  }
}
