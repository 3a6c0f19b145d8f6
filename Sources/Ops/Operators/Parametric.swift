/// The functions of one number with constants.
public enum ParametricFunction: Sendable, Hashable {
  /// x where x ≥ 0, else slope·x.
  case leakyRelu(slope: Double)
  /// scale·x where x > 0, else scale·alpha·(eˣ - 1).
  case elu(alpha: Double, scale: Double)
  /// The number of lower ... upper nearest to x; upper where the bounds cross.
  case clamp(lower: Double, upper: Double)
  /// x to the power halves / 2, by products, a root and a reciprocal; in f64 for f32, so that it is rounded once.
  case halfPower(halves: Int)

  /// The name of the operator.
  var name: String {
    switch self {
    case .leakyRelu: "leaky_relu"
    case .elu: "elu"
    case .clamp: "clamp"
    case .halfPower: "half_power"
    }
  }

  /// The most halves of a power.
  static let mostHalves = 8

  /// The vector loop of a power, after `parametric.half_power`, and its whole part: `_root` with a root, `_inverse` with a
  /// reciprocal.
  static func loop(ofHalves halves: Int) -> (suffix: String, whole: Double) {
    let size = abs(halves)
    return ((size % 2 == 1 ? "_root" : "") + (halves < 0 ? "_inverse" : ""), Double(size / 2))
  }

  /// The name of the vector loop.
  var loopName: String {
    guard case .halfPower(let halves) = self else { return "parametric." + name }
    return "parametric.half_power" + ParametricFunction.loop(ofHalves: halves).suffix
  }

  /// The name of the gradient's vector loop.
  var gradientLoopName: String {
    guard case .halfPower(let halves) = self else { return "parametric.\(name)_gradient" }
    return "parametric.half_power_gradient" + ParametricFunction.loop(ofHalves: halves - 2).suffix
  }

  /// The constants of the gradient's vector loop.
  var gradientConstants: SIMD4<Double> {
    guard case .halfPower(let halves) = self else { return constants }
    return [ParametricFunction.loop(ofHalves: halves - 2).whole, Double(halves) / 2, 0, 0]
  }

  var attributes: [Attribute] {
    switch self {
    case .leakyRelu(let slope): [Attribute("negative_slope", slope)]
    case .elu(let alpha, let scale): [Attribute("alpha", alpha), Attribute("scale", scale)]
    case .clamp(let lower, let upper): [Attribute("min", lower), Attribute("max", upper)]
    case .halfPower(let halves): [Attribute("halves", halves)]
    }
  }

  var constants: SIMD4<Double> {
    switch self {
    case .leakyRelu(let slope): [slope, 0, 0, 0]
    case .elu(let alpha, let scale): [alpha, scale, 0, 0]
    case .clamp(let lower, let upper): [lower, upper, 0, 0]
    case .halfPower(let halves): [ParametricFunction.loop(ofHalves: halves).whole, 0, 0, 0]
    }
  }

  /// Floating-point operations for one element; an exponential counts as twenty.
  var flops: Double {
    switch self {
    case .leakyRelu, .clamp: 2
    case .elu: 23
    case .halfPower: 8
    }
  }

  /// Throws unless the constants mean something for an element type.
  func validate(for type: TensorType) throws(ShapeError) {
    switch self {
    case .leakyRelu(let slope):
      guard slope.isFinite else {
        throw ShapeError(.attribute, "leaky_relu: the negative slope is \(slope); it must be finite")
      }
    case .elu(let alpha, let scale):
      guard alpha.isFinite, scale.isFinite else {
        throw ShapeError(.attribute, "elu: alpha is \(alpha) and the scale \(scale); they must be finite")
      }
    case .clamp(let lower, let upper):
      guard !lower.isNaN, !upper.isNaN else {
        throw ShapeError(.attribute, "clamp: a bound is NaN; give a number, or none")
      }
      for bound in [lower, upper] where type.dtype.isInteger && bound.isFinite && bound.rounded() != bound {
        throw ShapeError(
          .attribute, "clamp: the bound \(bound) is no whole number and cannot limit \(type); round it")
      }
    case .halfPower(let halves):
      guard halves != 0, abs(halves) <= ParametricFunction.mostHalves else {
        throw ShapeError(
          .attribute,
          "half_power: \(halves) halves; there must be at least 1 and at most \(ParametricFunction.mostHalves), of either sign"
        )
      }
    }
  }
}

/// y = f(x), element by element, for a function with constants.
///
/// Input and output have the same type, f32 or f64 (integers too for clamp). NaN gives NaN.
public struct Parametric: ElementwiseOperator, Hashable {
  /// The function.
  public let function: ParametricFunction

  /// An operator that applies a function.
  public init(_ function: ParametricFunction) { self.function = function }

  /// The function's name.
  public var name: String { function.name }

  /// The constants.
  public var attributes: [Attribute] { function.attributes }

  /// The input's type.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    if case .clamp = function { try expectNumbers(inputs[0]) } else { try expectFloatingPoint(inputs[0]) }
    try function.validate(for: inputs[0])
    return inputs
  }

  /// As many as the formula has.
  public func flopsPerElement(_ signature: Signature) -> Double { function.flops }

  /// The function's loop.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop(function.loopName, signature.inputs[0].dtype, constants: function.constants)
  }
}

/// dy·f′(x), element by element, of a cotangent dy and x: the gradient of ``Parametric``.
///
/// Two inputs and the output of one type, f32 or f64. The slope is the left one at the kinks of leaky_relu and elu, and 0
/// at the bounds of clamp.
public struct ParametricGradient: ElementwiseOperator, Hashable {
  /// The function that is differentiated.
  public let function: ParametricFunction

  /// The gradient of a function.
  public init(_ function: ParametricFunction) { self.function = function }

  /// The function's name and `_gradient`.
  public var name: String { function.name + "_gradient" }

  /// The constants.
  public var attributes: [Attribute] { function.attributes }

  /// The inputs' type.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    try expectFloatingPoint(inputs[0])
    try expect(inputs[1], toBe: inputs[0], "the operand")
    try function.validate(for: inputs[1])
    return [inputs[0]]
  }

  /// As many as the formula has.
  public func flopsPerElement(_ signature: Signature) -> Double { function.flops }

  /// The gradient's loop.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop(
      function.gradientLoopName, signature.inputs[0].dtype, constants: function.gradientConstants)
  }
}
