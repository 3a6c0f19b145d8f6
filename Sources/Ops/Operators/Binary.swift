/// The functions of two numbers. The raw value is the name of the operator and of its vector loop.
public enum BinaryFunction: String, Sendable, Hashable, CaseIterable {
  case add, sub, mul, div, maximum, minimum, pow
  /// dy·(1 − y²), of a cotangent and the value of tanh.
  case tanhGradient = "tanh_gradient"
  /// dy·y·(1 − y), of a cotangent and the value of the sigmoid.
  case sigmoidGradient = "sigmoid_gradient"
  /// dy where y > 0, else 0, of a cotangent and the value of relu.
  case reluGradient = "relu_gradient"

  /// Whether integers are taken too.
  var takesIntegers: Bool {
    switch self {
    case .add, .sub, .mul, .maximum, .minimum: true
    case .div, .pow, .tanhGradient, .sigmoidGradient, .reluGradient: false
    }
  }

  /// Floating-point operations for one element, counted in the formula.
  var flops: Double {
    switch self {
    case .add, .sub, .mul, .div, .maximum, .minimum, .reluGradient: 1
    case .tanhGradient, .sigmoidGradient: 3
    case .pow: 60
    }
  }
}

/// z = f(x, y), element by element; the shapes are broadcast as in NumPy.
///
/// Both inputs have the output's element type: f32 or f64 (integers too for add, sub, mul, maximum, minimum, overflow
/// wrapping around). A NaN gives NaN, in maximum and minimum too; pow has C's special values.
public struct Binary: ElementwiseOperator, Hashable {
  /// The function.
  public let function: BinaryFunction

  /// An operator that applies a function.
  public init(_ function: BinaryFunction) { self.function = function }

  /// The function's name.
  public var name: String { function.rawValue }

  /// The broadcast shape.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    let dtype = try expectEqualTypes(inputs)
    if function.takesIntegers { try expectNumbers(inputs[0]) } else { try expectFloatingPoint(inputs[0]) }
    return [TensorType(dtype, try broadcastShape(inputs))]
  }

  /// As many as the formula has.
  public func flopsPerElement(_ signature: Signature) -> Double { function.flops }

  /// The function's loop.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("binary." + function.rawValue, signature.inputs[0].dtype)
  }
}
