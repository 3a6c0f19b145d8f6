/// What a graph is built for: layers such as ``BatchNorm`` and ``Dropout`` compute differently in training and afterwards.
///
/// A setting of the current task, in force while layers are applied; it becomes part of the graph. ``Evaluator`` builds for
/// inference.
///
/// ```swift
/// let y = LayerMode.inference { model(x) }
/// ```
public enum LayerMode: Sendable, Hashable {
  /// For steps that update parameters; the default.
  case training
  /// For using a model as it is.
  case inference

  /// The mode of layers that are applied now.
  @TaskLocal public static var current = LayerMode.training

  /// Applies the layers of `body` in this mode.
  public func callAsFunction<Result>(_ body: () throws -> Result) rethrows -> Result {
    try LayerMode.$current.withValue(self, operation: body)
  }
}
