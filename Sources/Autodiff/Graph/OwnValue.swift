internal import TributaryOps

/// A value as its own builder remembers it: without the builder, which would otherwise keep itself alive.
struct OwnValue: Sendable {
  /// The node and output.
  let id: ValueID
  /// The element type and shape.
  let type: TensorType

  init(_ value: Value) {
    id = value.id
    type = value.type
  }

  /// The value again.
  func value(of builder: GraphBuilder) -> Value { Value(builder: builder, id: id, type: type) }
}

extension GraphBuilder {
  /// The assignments among a builder's contents, as entries of an update.
  func entries(_ assignments: [(state: OwnValue, value: OwnValue)]) -> [Update.Entry] {
    assignments.map { Update.Entry(state: $0.state.value(of: self), value: $0.value.value(of: self)) }
  }
}
