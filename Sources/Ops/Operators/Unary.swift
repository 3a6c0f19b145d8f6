/// The functions of one number. The raw value is the name of the operator and of its vector loop.
public enum UnaryFunction: String, Sendable, Hashable, CaseIterable {
  case neg, abs, sign, square, relu
  case exp, log, log1p, expm1, sqrt, rsqrt, reciprocal, tanh, sigmoid, erf, softplus, silu, sin, cos
  /// x·Φ(x), Φ the normal distribution function.
  case gelu
  /// The tanh approximation of ``gelu``: x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) / 2.
  case geluTanh = "gelu_tanh"

  /// Whether integers are taken too.
  var takesIntegers: Bool {
    switch self {
    case .neg, .abs, .sign, .square, .relu: true
    default: false
    }
  }

  /// Floating-point operations for one element, counted in the formula.
  var flops: Double {
    switch self {
    case .neg, .abs, .sign, .square, .relu, .sqrt, .reciprocal: 1
    case .rsqrt: 2
    case .exp, .log, .expm1, .sin, .cos: 20
    case .log1p, .sigmoid, .silu: 25
    case .tanh, .erf, .softplus, .gelu, .geluTanh: 40
    }
  }
}

/// y = f(x), element by element.
///
/// Input and output have the same type, f32 or f64 (integers too for neg, abs, sign, square, relu). NaN gives NaN;
/// relu and abs have value 0 at 0, sign(0) = 0. Errors for f32, over every argument (Documentation/Accuracy.md): at most
/// 2 ulp for exp, log, tanh, sigmoid, erf, sin and cos, 4 ulp for the others. Functions that are monotone stay so.
public struct Unary: ElementwiseOperator, Hashable {
  /// The function.
  public let function: UnaryFunction

  /// An operator that applies a function.
  public init(_ function: UnaryFunction) { self.function = function }

  /// The function's name.
  public var name: String { function.rawValue }

  /// The input's type.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    if function.takesIntegers { try expectNumbers(inputs[0]) } else { try expectFloatingPoint(inputs[0]) }
    return inputs
  }

  /// As many as the formula has.
  public func flopsPerElement(_ signature: Signature) -> Double { function.flops }

  /// The function's loop.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("unary." + function.rawValue, signature.inputs[0].dtype)
  }
}
