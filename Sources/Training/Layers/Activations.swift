public import TributaryAutodiff
internal import TributaryOps

/// tanh(x), element by element.
public struct Tanh: Layer {
  /// The function.
  public init() {}

  /// Applies the function; the type stays.
  public func callAsFunction(_ x: Value) -> Value { tanh(x) }
}

/// max(x, 0), element by element.
public struct ReLU: Layer {
  /// The function.
  public init() {}

  /// Applies the function; the type stays.
  public func callAsFunction(_ x: Value) -> Value { relu(x) }
}

/// 1 / (1 + e⁻ˣ), element by element.
public struct Sigmoid: Layer {
  /// The function.
  public init() {}

  /// Applies the function; the type stays.
  public func callAsFunction(_ x: Value) -> Value { sigmoid(x) }
}

/// log(1 + eˣ), element by element.
public struct Softplus: Layer {
  /// The function.
  public init() {}

  /// Applies the function; the type stays.
  public func callAsFunction(_ x: Value) -> Value { softplus(x) }
}

/// Joins all axes but the first: `[batch, …]` becomes `[batch, n]`.
public struct Flatten: Layer {
  /// The reshaping.
  public init() {}

  /// Applies the reshaping.
  public func callAsFunction(_ x: Value) -> Value {
    x.rank > 1 ? reshape(x, [x.shape[0], x.shape.dimensions.dropFirst().reduce(1, *)]) : x
  }
}
