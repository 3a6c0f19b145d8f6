public import TributaryAutodiff

/// Two towers with the same weights, and the distance of what they make of two inputs.
public struct Siamese: Parameterized {
  /// The network that both inputs go through.
  public let tower: any Layer

  /// Keeps the distance differentiable where both inputs are equal.
  public let epsilon: Double

  /// A pair of towers: one network, called twice.
  public init(_ tower: some Layer, epsilon: Double = 1e-12) {
    self.tower = tower
    self.epsilon = epsilon
  }

  /// The embeddings of both inputs, `[batch, width]` each.
  public func embeddings(_ a: Value, _ b: Value) -> (Value, Value) {
    (a.builder.scope("left") { tower(a) }, a.builder.scope("right") { tower(b) })
  }

  /// The Euclidean distance of two embeddings, `[batch]`: √(Σ(a − b)² + epsilon).
  public func distance(_ a: Value, _ b: Value) -> Value {
    sqrt(sum(square(a - b), axes: [1]) + epsilon)
  }
}
