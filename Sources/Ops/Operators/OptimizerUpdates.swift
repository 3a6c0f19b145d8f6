/// The types of an optimiser update: a parameter with gradient and moments of its type, then scalars.
private func checkUpdate(
  _ op: some ElementwiseOperator, _ inputs: [TensorType], tensors: [String], counted: Bool = false
) throws(ShapeError) -> [TensorType] {
  let count = tensors.count + (counted ? 2 : 1)
  try op.expect(inputs, count: count)
  try op.expectFloatingPoint(inputs[0])
  for (index, what) in tensors.enumerated() {
    try op.expect(inputs[index], toBe: inputs[0], "the \(what), like the parameter")
  }
  try op.expect(inputs[tensors.count], toBe: TensorType(inputs[0].dtype, .scalar), "the learning rate")
  if counted { try op.expect(inputs[tensors.count + 1], toBe: TensorType(.int64, .scalar), "the step count") }
  return Array(repeating: inputs[0], count: tensors.count - 1)
}

/// Plain gradient descent: p' = p − lr·g. Inputs (p, g, lr), lr a scalar of p's element type.
public struct SGDUpdate: ElementwiseOperator, Hashable {
  /// The update.
  public init() {}

  /// `sgd_update`.
  public var name: String { "sgd_update" }

  /// p'.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try checkUpdate(self, inputs, tensors: ["parameter", "gradient"])
  }

  /// Two for each element.
  public func flopsPerElement(_ signature: Signature) -> Double { 2 }

  /// One pass.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("update.sgd", signature.inputs[0].dtype)
  }
}

/// Gradient descent with momentum: v' = momentum·v + g, p' = p − lr·v', or with Nesterov's form
/// p' = p − lr·(g + momentum·v'). Inputs (p, g, v, lr), outputs p', v'.
public struct MomentumUpdate: ElementwiseOperator, Hashable {
  /// How much of the velocity stays.
  public let momentum: Double

  /// Whether the step looks ahead (Nesterov 1983, as Sutskever and others 2013 write it).
  public let nesterov: Bool

  /// The update.
  public init(momentum: Double, nesterov: Bool) {
    self.momentum = momentum
    self.nesterov = nesterov
  }

  /// `momentum_update`.
  public var name: String { "momentum_update" }

  /// The hyperparameters.
  public var attributes: [Attribute] { [Attribute("momentum", momentum), Attribute("nesterov", nesterov)] }

  /// p', v'.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try checkUpdate(self, inputs, tensors: ["parameter", "gradient", "velocity"])
  }

  /// Six for each element, counted over two outputs.
  public func flopsPerElement(_ signature: Signature) -> Double { 3 }

  /// One pass.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop(
      "update.momentum", signature.inputs[0].dtype, constants: [momentum, nesterov ? 1 : 0, 0, 0])
  }
}

/// Adam (Kingma and Ba 2015), with decoupled weight decay where that is not 0 (Loshchilov and Hutter 2019):
/// m' = β1·m + (1−β1)·g, v' = β2·v + (1−β2)·g²,
/// p' = p·(1 − lr·weightDecay) − lr·(m'/(1−β1ᵗ)) / (√(v'/(1−β2ᵗ)) + epsilon).
/// Inputs (p, g, m, v, lr, t), t = 1 at the first step, an i64 scalar; outputs p', m', v'.
public struct AdamUpdate: ElementwiseOperator, Hashable {
  /// How much of the first moment stays.
  public let beta1: Double

  /// How much of the second moment stays.
  public let beta2: Double

  /// Added to the root.
  public let epsilon: Double

  /// The decay of the parameter, in units of the learning rate.
  public let weightDecay: Double

  /// The update.
  public init(beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// `adam_update`.
  public var name: String { "adam_update" }

  /// The hyperparameters.
  public var attributes: [Attribute] {
    [
      Attribute("beta1", beta1), Attribute("beta2", beta2), Attribute("epsilon", epsilon),
      Attribute("weight_decay", weightDecay),
    ]
  }

  /// p', m', v'.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try checkUpdate(
      self, inputs, tensors: ["parameter", "gradient", "first moment", "second moment"], counted: true)
  }

  /// Some 18 for each element (a root and a division count as one), over three outputs.
  public func flopsPerElement(_ signature: Signature) -> Double { 6 }

  /// One pass.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop(
      "update.adam", signature.inputs[0].dtype, constants: [beta1, beta2, epsilon, weightDecay])
  }
}

/// RMSProp (Tieleman and Hinton 2012): v' = alpha·v + (1−alpha)·g², p' = p − lr·g / (√v' + epsilon).
/// Inputs (p, g, v, lr), outputs p', v'.
public struct RMSPropUpdate: ElementwiseOperator, Hashable {
  /// How much of the mean square stays.
  public let alpha: Double

  /// Added to the root.
  public let epsilon: Double

  /// The update.
  public init(alpha: Double, epsilon: Double) {
    self.alpha = alpha
    self.epsilon = epsilon
  }

  /// `rmsprop_update`.
  public var name: String { "rmsprop_update" }

  /// The hyperparameters.
  public var attributes: [Attribute] { [Attribute("alpha", alpha), Attribute("epsilon", epsilon)] }

  /// p', v'.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try checkUpdate(self, inputs, tensors: ["parameter", "gradient", "mean square"])
  }

  /// Nine for each element, over two outputs.
  public func flopsPerElement(_ signature: Signature) -> Double { 4.5 }

  /// One pass.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("update.rmsprop", signature.inputs[0].dtype, constants: [alpha, epsilon, 0, 0])
  }
}

/// Adagrad (Duchi, Hazan and Singer 2011): v' = v + g², p' = p − lr·g / (√v' + epsilon).
/// Inputs (p, g, v, lr), outputs p', v'.
public struct AdagradUpdate: ElementwiseOperator, Hashable {
  /// Added to the root.
  public let epsilon: Double

  /// The update.
  public init(epsilon: Double) { self.epsilon = epsilon }

  /// `adagrad_update`.
  public var name: String { "adagrad_update" }

  /// The hyperparameter.
  public var attributes: [Attribute] { [Attribute("epsilon", epsilon)] }

  /// p', v'.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try checkUpdate(self, inputs, tensors: ["parameter", "gradient", "sum of squares"])
  }

  /// Seven for each element, over two outputs.
  public func flopsPerElement(_ signature: Signature) -> Double { 3.5 }

  /// One pass.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("update.adagrad", signature.inputs[0].dtype, constants: [epsilon, 0, 0, 0])
  }
}
