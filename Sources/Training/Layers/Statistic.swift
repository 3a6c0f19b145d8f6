public import TributaryAutodiff
public import TributaryOps

/// A tensor of a model that is not trained but kept from step to step, such as a running mean, with an identity: wherever
/// the same statistic is used in a graph, it is one state.
public final class Statistic: Sendable {
  /// The element type and shape.
  public let type: TensorType

  /// How a new store fills it.
  public let initial: Initializer

  private let declared = DeclaredValues()

  /// A statistic of a shape.
  public init(_ shape: Shape, dtype: DType = .float32, initial: Initializer) {
    type = TensorType(dtype, shape)
    self.initial = initial
  }

  /// The statistic's value in a graph before the step, declared at the first call.
  /// - Parameters:
  ///   - builder: The graph's builder.
  ///   - name: The name to declare it by, after the open scopes; a number when nil.
  public func value(in builder: GraphBuilder, named name: String? = nil) -> Value {
    declared.value(in: builder) {
      builder.state(name ?? "statistic\(builder.states.count)", type, initial: initial)
    }
  }
}
