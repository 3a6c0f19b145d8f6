public import TributaryAutodiff
public import TributaryOps

/// RMSprop (Hinton, 2012): v = αv + (1 − α)g², p −= lr·g / (√v + ε).
public struct RMSprop: Optimizer {
  /// `rmsprop`.
  public var name: String { "rmsprop" }

  /// The rate of each step.
  public let learningRate: LearningRateSchedule

  /// α.
  public let alpha: Double

  /// ε.
  public let epsilon: Double

  /// The largest norm of all gradients together.
  public let clipNorm: Double?

  /// The largest magnitude of an element of a gradient.
  public let clipValue: Double?

  /// A rule from its constants.
  public init(
    learningRate: LearningRateSchedule = 1e-3, alpha: Double = 0.99, epsilon: Double = 1e-8,
    clipNorm: Double? = nil, clipValue: Double? = nil
  ) {
    self.learningRate = learningRate
    self.alpha = alpha
    self.epsilon = epsilon
    self.clipNorm = clipNorm
    self.clipValue = clipValue
  }

  /// The new parameter and its moment.
  public func update(_ step: ParameterStep, _ update: inout Update) {
    let moment = step.moment("square")
    let outputs = step.parameter.builder.apply(
      RMSPropUpdate(alpha: alpha, epsilon: epsilon), to: [step.parameter, step.gradient, moment, step.rate])
    update.assign(step.parameter, outputs[0])
    update.assign(moment, outputs[1])
  }
}
