public import TributaryAutodiff

/// Layers applied one after the other.
///
/// ```swift
/// let classifier = Sequential { Linear(784, 256); ReLU(); Linear(256, 10) }
/// ```
public struct Sequential: Layer {
  /// The layers in order.
  public let layers: [any Layer]

  /// A chain of the layers that `body` lists; `if` and `for` may stand in it.
  public init(@LayerChain _ body: () -> [any Layer]) { layers = body() }

  /// A chain of layers.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// The layers, by their numbers.
  public var parts: [(name: String, part: Any)] { layers.enumerated().map { (String($0), $1 as Any) } }

  /// Applies the layers in order, each in a scope of its number.
  public func callAsFunction(_ x: Value) -> Value {
    var result = x
    for (index, layer) in layers.enumerated() {
      result = x.builder.scope(String(index)) { layer(result) }
    }
    return result
  }
}

/// Collects the layers of a ``Sequential``.
@resultBuilder public enum LayerChain {
  /// One layer.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }

  /// Layers made elsewhere.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }

  /// Layers in order.
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }

  /// The layers of `if` without `else`.
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }

  /// The layers of the first branch.
  public static func buildEither(first part: [any Layer]) -> [any Layer] { part }

  /// The layers of the second branch.
  public static func buildEither(second part: [any Layer]) -> [any Layer] { part }

  /// The layers of `for`.
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}
