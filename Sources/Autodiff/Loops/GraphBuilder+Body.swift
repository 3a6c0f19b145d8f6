internal import Synchronization
internal import TributaryOps

/// Builders of loop bodies and branches, and the values of the builders around them.
extension GraphBuilder {
  /// The innermost body that is being built just now and lies inside this builder, but is not this builder.
  var bodyBeingBuilt: GraphBuilder? {
    guard let body = BuildContext.current.body, body !== self, encloses(body) else { return nil }
    return body
  }

  /// Whether this builder is another one or lies around it.
  func encloses(_ other: GraphBuilder) -> Bool {
    var next: GraphBuilder? = other
    while let builder = next {
      if builder === self { return true }
      next = builder.enclosing
    }
    return false
  }

  /// What stands here for a value of this builder or of one around it: an input of the body, constants too, so that
  /// derivatives by them know of the body.
  func adopted(_ value: Value) -> Value {
    guard value.builder !== self, !value.isPoisoned, let enclosing, value.builder.encloses(self) else {
      return value
    }
    if let known = captured(value) { return known }
    // Seen from the builder around this one first, which may have to adopt it itself.
    _ = enclosing.adopted(value)
    return contents.withLock { contents in
      if let known = contents.captures.first(where: { $0.outer == value }) {
        return known.inner.value(of: self)
      }
      let name = Self.capturedName(contents.captures.count)
      contents.nodes.append(
        Node(
          kind: .input(name), inputs: [], outputs: [value.type], name: name,
          source: BuildContext.current.source ?? ""))
      let inner = Value(builder: self, id: ValueID(node: contents.nodes.count - 1), type: value.type)
      contents.captures.append((value, OwnValue(inner)))
      return inner
    }
  }

  private func captured(_ value: Value) -> Value? {
    contents.withLock { contents in contents.captures.first { $0.outer == value }?.inner.value(of: self) }
  }

  /// An input of a body.
  func bodyInput(_ name: String, _ type: TensorType) -> Value {
    append(.input(name), [], [type], name: name, .unknown)[0]
  }

  static func capturedName(_ index: Int) -> String { "captured.\(index)" }

}
