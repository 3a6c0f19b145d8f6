public import TributaryAutodiff
public import TributaryOps

/// Adagrad (Duchi, Hazan and Singer, 2011): v += g², p −= lr·g / (√v + ε).
public struct Adagrad: Optimizer {
  /// `adagrad`.
  public var name: String { "adagrad" }

  /// The rate of each step.
  public let learningRate: LearningRateSchedule

  /// ε.
  public let epsilon: Double

  /// The largest norm of all gradients together.
  public let clipNorm: Double?

  /// The largest magnitude of an element of a gradient.
  public let clipValue: Double?

  /// A rule from its constants.
  public init(
    learningRate: LearningRateSchedule = 1e-2, epsilon: Double = 1e-10,
    clipNorm: Double? = nil, clipValue: Double? = nil
  ) {
    self.learningRate = learningRate
    self.epsilon = epsilon
    self.clipNorm = clipNorm
    self.clipValue = clipValue
  }

  /// The new parameter and its moment.
  public func update(_ step: ParameterStep, _ update: inout Update) {
    let moment = step.moment("square")
    let outputs = step.parameter.builder.apply(
      AdagradUpdate(epsilon: epsilon), to: [step.parameter, step.gradient, moment, step.rate])
    update.assign(step.parameter, outputs[0])
    update.assign(moment, outputs[1])
  }
}
