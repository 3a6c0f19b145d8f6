/// Whether layers are applied to train a model or to use it: layers such as ``Dropout`` do another thing in each.
///
/// The mode is that of the current task while a graph is built; it becomes part of the graph. A trainer builds its steps
/// in ``training``; everything else is built in ``inference`` unless told otherwise:
///
/// ```swift
/// let loss = LayerMode.training { objective(model(x)) }
/// ```
public enum LayerMode: Sendable, Hashable {
  /// The graph of a training step.
  case training
  /// The graph of a prediction or an evaluation.
  case inference

  /// The mode in which layers are applied now.
  @TaskLocal public static var current = LayerMode.inference

  /// Applies the layers of `body` in this mode.
  public func callAsFunction<Result>(_ body: () throws -> Result) rethrows -> Result {
    try LayerMode.$current.withValue(self, operation: body)
  }
}
