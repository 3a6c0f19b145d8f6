internal import TributaryOps

extension Graph: CustomStringConvertible {
  /// The graph as text: one line a node in topological order, then fetches and assignments.
  ///
  /// ```
  /// %0 = input "x" : f32[2, 3]
  /// %1 = parameter "w" : f32[3, 4]
  /// %2 = matmul(%0, %1) {transpose_a: false, transpose_b: false} : f32[2, 4]  // layer1
  /// fetch %2
  /// ```
  ///
  /// Equal graphs print equal text, and the text does not depend on source lines.
  public var description: String {
    var lines = nodes.indices.map(line)
    lines += fetches.map { "fetch \(text($0))" }
    lines += assignments.map { "assign \"\(states[$0.state].name)\" <- \(text($0.value))" }
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(_ index: Int) -> String {
    let node = nodes[index]
    let types = node.outputs.map(\.description).joined(separator: ", ")
    let scope = node.name.split(separator: "/").dropLast().joined(separator: "/")
    let isDeclared =
      if case .apply = node.kind { false } else if case .constant = node.kind { false } else { true }
    return "%\(index) = \(text(node)) : \(types)" + (scope.isEmpty || isDeclared ? "" : "  // \(scope)")
  }

  private func text(_ node: Node) -> String {
    switch node.kind {
    case .input(let name): return "input \"\(name)\""
    case .state(let index):
      return "\(states[index].isParameter ? "parameter" : "state") \"\(states[index].name)\""
    case .constant(let tensor): return "constant \(tensor.summary)"
    case .apply(let applied):
      let operands = node.inputs.map(text).joined(separator: ", ")
      let attributes = applied.attributes.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
      return "\(applied.name)(\(operands))" + (attributes.isEmpty ? "" : " {\(attributes)}")
    }
  }

  /// `%3`, or `%3.1` for the second output of a node that has several.
  func text(_ value: ValueID) -> String {
    nodes[value.node].outputs.count > 1 ? "%\(value.node).\(value.output)" : "%\(value.node)"
  }

  private func text(_ fetch: Fetch) -> String {
    switch fetch {
    case .value(let value): text(value)
    case .stateAfter(let state): "\"\(states[state].name)\" after the step"
    }
  }
}

extension Tensor {
  /// The first elements, for printing: `2.5` for a scalar, `[1.0, 2.0, …]` otherwise.
  var summary: String {
    func list<Element: TensorElement>(_ type: Element.Type) -> String {
      let shown = withUnsafeBytes { Array($0.bindMemory(to: type).prefix(4)) }.map { "\($0)" }
      if shape.rank == 0 { return shown.joined() }
      return "[" + shown.joined(separator: ", ") + (elementCount > 4 ? ", …]" : "]")
    }
    return switch dtype {
    case .float32: list(Float.self)
    case .float64: list(Double.self)
    case .int32: list(Int32.self)
    case .int64: list(Int64.self)
    case .bool: list(Bool.self)
    }
  }
}
