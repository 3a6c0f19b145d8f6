public import TributaryAutodiff

/// Zeros a random part of its input while a model is trained, and scales the rest by 1/(1 − rate), so that the mean stays
/// (Srivastava and others 2014); in inference it hands its input on. See ``LayerMode``.
///
/// Every use in a graph has a stream of its own, numbered as the layers are applied, and every step of a training
/// another mask: the graph gets the state `random_step`, which checkpoints hold, so that a resumed training draws what it
/// would have drawn.
public struct Dropout: Layer {
  /// The share of elements that become 0, in 0 … 1.
  public let rate: Double

  /// What the masks are drawn from.
  public let seed: UInt64

  /// A dropout at a rate.
  public init(_ rate: Double, seed: UInt64 = 0) {
    self.rate = rate
    self.seed = seed
  }

  /// Applies the mask in training; the type stays.
  public func callAsFunction(_ x: Value) -> Value {
    dropout(x, rate: rate, isTraining: LayerMode.current == .training, seed: seed)
  }
}
