/// The losses of two numbers, element by element.
public enum PairLossFunction: Sendable, Hashable {
  /// |a - b|.
  case absolute
  /// ½d² for d = |a - b| up to delta, then delta·(d - ½·delta).
  case huber(delta: Double)
  /// The cross entropy of the probability sigmoid(a) and the target b: max(a, 0) - a·b + log(1 + exp(-|a|)).
  case binaryCrossEntropy
  /// b·(log b - a), 0 where b is 0: a is the logarithm of a probability.
  case divergence
  /// exp(b)·(b - a), 0 where b is -∞: a and b are logarithms of probabilities.
  case logDivergence

  /// The name of the operator and, after `loss.`, of its vector loop.
  var name: String {
    switch self {
    case .absolute: "l1"
    case .huber: "huber"
    case .binaryCrossEntropy: "bce_with_logits"
    case .divergence: "kl_div"
    case .logDivergence: "kl_div_log"
    }
  }

  var delta: Double? {
    if case .huber(let delta) = self { delta } else { nil }
  }

  var attributes: [Attribute] { delta.map { [Attribute("delta", $0)] } ?? [] }

  /// Floating-point operations for one element.
  var flops: Double {
    switch self {
    case .absolute: 2
    case .huber: 5
    case .binaryCrossEntropy: 45
    case .divergence, .logDivergence: 22
    }
  }

  /// Whether the gradient is an operator of its own rather than a product.
  var hasGradientLoop: Bool {
    switch self {
    case .absolute, .huber, .binaryCrossEntropy: true
    case .divergence, .logDivergence: false
    }
  }

  func validate() throws(ShapeError) {
    guard let delta else { return }
    guard delta > 0, delta.isFinite else {
      throw ShapeError(.attribute, "huber: delta is \(delta); it must be positive and finite")
    }
  }
}

/// The loss of every pair of elements; the shapes are broadcast as in NumPy.
///
/// Two inputs and the output of one element type, f32 or f64. A NaN gives NaN.
public struct PairLoss: ElementwiseOperator, Hashable {
  /// The loss.
  public let function: PairLossFunction

  /// An operator that computes a loss.
  public init(_ function: PairLossFunction) { self.function = function }

  /// The loss' name.
  public var name: String { function.name }

  /// Its constant.
  public var attributes: [Attribute] { function.attributes }

  /// The broadcast shape.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    let dtype = try expectEqualTypes(inputs)
    try expectFloatingPoint(inputs[0])
    try function.validate()
    return [TensorType(dtype, try broadcastShape(inputs))]
  }

  /// As many as the formula has.
  public func flopsPerElement(_ signature: Signature) -> Double { function.flops }

  /// The loss' loop.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop(
      "loss." + function.name, signature.inputs[0].dtype, constants: [function.delta ?? 0, 0, 0, 0])
  }
}

/// g·∂f/∂a, element by element, of a cotangent g and the operands a and b of ``PairLoss``; shapes are broadcast.
///
/// Three inputs and the output of one element type, f32 or f64. Not for the divergences, whose slope is a product. The
/// absolute difference has slope 0 at 0.
public struct PairLossGradient: ElementwiseOperator, Hashable {
  /// The loss that is differentiated.
  public let function: PairLossFunction

  /// The gradient of a loss.
  public init(_ function: PairLossFunction) { self.function = function }

  /// The loss' name and `_gradient`.
  public var name: String { function.name + "_gradient" }

  /// The loss' constant.
  public var attributes: [Attribute] { function.attributes }

  /// The broadcast shape.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 3)
    let dtype = try expectEqualTypes(inputs)
    try expectFloatingPoint(inputs[0])
    try function.validate()
    guard function.hasGradientLoop else {
      throw ShapeError(.attribute, "\(name) is not there: the slope is -b, or -exp(b); multiply with that")
    }
    return [TensorType(dtype, try broadcastShape(inputs))]
  }

  /// As many as the formula has.
  public func flopsPerElement(_ signature: Signature) -> Double { function.flops }

  /// The gradient's loop.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop(
      "loss.\(function.name)_gradient", signature.inputs[0].dtype, constants: [function.delta ?? 0, 0, 0, 0])
  }
}
