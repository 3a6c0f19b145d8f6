public import TributaryAutodiff
public import TributaryOps

/// Adam (Kingma and Ba, 2015): m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g²,
/// p −= lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε).
public struct Adam: Optimizer {
  /// `adam`.
  public var name: String { "adam" }

  /// The rate of each step.
  public let learningRate: LearningRateSchedule

  /// β₁.
  public let beta1: Double

  /// β₂.
  public let beta2: Double

  /// ε.
  public let epsilon: Double

  /// The largest norm of all gradients together.
  public let clipNorm: Double?

  /// The largest magnitude of an element of a gradient.
  public let clipValue: Double?

  /// A rule from its constants.
  public init(
    learningRate: LearningRateSchedule = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, clipNorm: Double? = nil, clipValue: Double? = nil
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.clipNorm = clipNorm
    self.clipValue = clipValue
  }

  /// Counted: the corrections of the moments depend on it.
  public var countsSteps: Bool { true }

  /// The new parameter and its moments.
  public func update(_ step: ParameterStep, _ update: inout Update) {
    adamUpdate(
      AdamUpdate(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: 0), step, &update)
  }
}

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019): p *= 1 − lr·decay before Adam's step.
public struct AdamW: Optimizer {
  /// `adamw`.
  public var name: String { "adamw" }

  /// The rate of each step.
  public let learningRate: LearningRateSchedule

  /// β₁.
  public let beta1: Double

  /// β₂.
  public let beta2: Double

  /// ε.
  public let epsilon: Double

  /// The decay of the weights.
  public let weightDecay: Double

  /// The largest norm of all gradients together.
  public let clipNorm: Double?

  /// The largest magnitude of an element of a gradient.
  public let clipValue: Double?

  /// A rule from its constants.
  public init(
    learningRate: LearningRateSchedule = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0.01, clipNorm: Double? = nil, clipValue: Double? = nil
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.clipValue = clipValue
  }

  /// Counted: the corrections of the moments depend on it.
  public var countsSteps: Bool { true }

  /// The new parameter and its moments.
  public func update(_ step: ParameterStep, _ update: inout Update) {
    adamUpdate(
      AdamUpdate(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay), step, &update)
  }
}

private func adamUpdate(_ rule: AdamUpdate, _ step: ParameterStep, _ update: inout Update) {
  guard let number = step.number else { preconditionFailure("Adam counts its steps") }
  let first = step.moment("first")
  let second = step.moment("second")
  let outputs = step.parameter.builder.apply(
    rule, to: [step.parameter, step.gradient, first, second, step.rate, number])
  update.assign(step.parameter, outputs[0])
  update.assign(first, outputs[1])
  update.assign(second, outputs[2])
}
