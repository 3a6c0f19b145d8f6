public import TributaryAutodiff
public import TributaryOps

/// A trainable tensor of a model, with an identity: wherever the same parameter is used in a graph, it is one state,
/// so that a layer called twice shares its weights.
public final class Parameter: Sendable {
  /// The element type and shape.
  public let type: TensorType

  /// How a new store fills it.
  public let initial: Initializer

  private let declared = DeclaredValues()

  /// A parameter of a shape.
  public init(_ shape: Shape, dtype: DType = .float32, initial: Initializer) {
    type = TensorType(dtype, shape)
    self.initial = initial
  }

  /// The parameter's value in a graph, declared at the first call.
  /// - Parameters:
  ///   - builder: The graph's builder.
  ///   - name: The name to declare it by, after the open scopes; a number when nil.
  public func value(in builder: GraphBuilder, named name: String? = nil) -> Value {
    declared.value(in: builder) {
      builder.parameter(
        name ?? "parameter\(builder.parameters.count)", type.shape, dtype: type.dtype, initial: initial)
    }
  }
}
