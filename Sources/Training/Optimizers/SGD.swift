public import TributaryAutodiff
public import TributaryOps

/// Stochastic gradient descent: p −= lr·g, with momentum v = μ·v + g and p −= lr·v, in Nesterov's form
/// p −= lr·(g + μ·v).
public struct SGD: Optimizer {
  /// `sgd`.
  public var name: String { "sgd" }

  /// The rate of each step.
  public let learningRate: LearningRateSchedule

  /// μ; 0 keeps no moment.
  public let momentum: Double

  /// Whether the step looks ahead (Sutskever and others, 2013).
  public let nesterov: Bool

  /// The largest norm of all gradients together.
  public let clipNorm: Double?

  /// The largest magnitude of an element of a gradient.
  public let clipValue: Double?

  /// A rule from its constants.
  public init(
    learningRate: LearningRateSchedule, momentum: Double = 0, nesterov: Bool = false, clipNorm: Double? = nil,
    clipValue: Double? = nil
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.clipNorm = clipNorm
    self.clipValue = clipValue
  }

  /// The new parameter, and the new velocity when there is momentum.
  public func update(_ step: ParameterStep, _ update: inout Update) {
    let builder = step.parameter.builder
    guard momentum != 0 else {
      update.assign(step.parameter, builder.apply(SGDUpdate(), to: step.parameter, step.gradient, step.rate))
      return
    }
    let velocity = step.moment("velocity")
    let outputs = builder.apply(
      MomentumUpdate(momentum: momentum, nesterov: nesterov),
      to: [step.parameter, step.gradient, velocity, step.rate])
    update.assign(step.parameter, outputs[0])
    update.assign(velocity, outputs[1])
  }
}
