public import TributaryAutodiff

/// A layer whose inner values are computed again in the backward pass instead of kept: less memory for more time, with
/// the same bits; see `GraphBuilder.recompute(_:)`.
///
/// ```swift
/// let deep = Sequential { for _ in 0..<16 { Recomputed(Sequential { Linear(512, 512); Tanh(); Linear(512, 512); Tanh() }) } }
/// ```
public struct Recomputed: Layer {
  /// The layer.
  public let layer: any Layer

  /// A layer, recomputed.
  public init(_ layer: some Layer) { self.layer = layer }

  /// The layer's own, so that parameters have the same names as without.
  public var parts: [(name: String, part: Any)] { layer.parts }

  /// Applies the layer.
  public func callAsFunction(_ x: Value) -> Value { x.builder.recompute { layer(x) } }
}
