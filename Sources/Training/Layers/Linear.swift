public import TributaryAutodiff
public import TributaryOps

/// An affine map of the last axis: y = x·W + b.
///
/// x is `[…, inputs]` of rank 2 or more, W `[inputs, outputs]`, b `[outputs]`, y `[…, outputs]`. Costs
/// 2 · rows · inputs · outputs FLOP.
public struct Linear: Layer {
  /// W, `[inputs, outputs]`.
  public let weight: Parameter

  /// b, `[outputs]`; nil without one.
  public let bias: Parameter?

  /// A map with fresh parameters; b begins with zeros.
  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, initial: Initializer = .glorotUniform,
    dtype: DType = .float32
  ) {
    weight = Parameter([inputs, outputs], dtype: dtype, initial: initial)
    self.bias = bias ? Parameter([outputs], dtype: dtype, initial: .constant(0)) : nil
  }

  /// Applies the map.
  public func callAsFunction(_ x: Value) -> Value {
    let product = matmul(x, weight.value(in: x.builder))
    return bias.map { product + $0.value(in: x.builder) } ?? product
  }
}
