internal import Synchronization
internal import TributaryOps

extension GraphBuilder {
  /// Records a mistake and hands out a poisoned value in the place of the result.
  @discardableResult
  func fail(
    _ code: GraphError.Code, _ subject: String, _ message: String, operands: [Value] = [],
    site: SourceSite = .unknown
  ) -> Value {
    let context = BuildContext.current
    let types = operands.filter { !$0.isPoisoned }.map(\.type)
    return contents.withLock { contents in
      let own = operands.filter { $0.builder === self && !$0.isPoisoned }.map(\.id.node)
      let source = context.source ?? site.text ?? own.max().map { contents.nodes[$0].source } ?? ""
      contents.issues.append(
        GraphError.Issue(
          code, subject: subject, message: message, operands: types, scope: context.path, source: source))
      return contents.poisoned(self)
    }
  }

  /// Records what an operator said against its operands, which are listed with the lines that made them.
  @discardableResult
  func fail(_ error: ShapeError, _ subject: String, operands: [Value], site: SourceSite) -> Value {
    var message = error.message
    if !operands.isEmpty { message += "; operands: " + operands.map(describe).joined(separator: ", ") }
    let kinds = Set(operands.map(\.dtype))
    if error.code == .dtype, kinds.count > 1 {
      let target = operands.first { $0.dtype.isFloatingPoint }?.dtype ?? operands[0].dtype
      if let other = operands.first(where: { $0.dtype != target }) {
        message += "; to mend it, cast(\(nodeName(of: other)), to: .\(target.swiftName))"
      }
    }
    return fail(error.code == .dtype ? .dtype : .shape, subject, message, operands: operands, site: site)
  }

  /// A poisoned value without a new mistake.
  func poisoned() -> Value { contents.withLock { $0.poisoned(self) } }

  /// `w1 f32[5, 5] (Model.swift:3)`.
  private func describe(_ value: Value) -> String {
    guard value.builder === self, !value.isPoisoned else { return "\(value.type)" }
    let node = contents.withLock { $0.nodes[value.id.node] }
    return "\(node.name) \(value.type)" + (node.source.isEmpty ? "" : " (\(node.source))")
  }

  /// Whether every operand is this builder's, sound and of this step. Records the first that is not, unless it is
  /// poisoned, which has been recorded before.
  func accepts(_ operands: [Value], _ subject: String, site: SourceSite) -> Bool {
    let here = bodyBeingBuilt ?? self
    if let foreign = operands.first(where: { !$0.builder.encloses(here) }) {
      let origin = foreign.isPoisoned ? foreign.builder.issues.last : nil
      fail(
        .foreignValue, subject,
        origin?.description
          ?? "'\(foreign.name)' \(foreign.type) belongs to another GraphBuilder; all operands must come from one",
        operands: operands, site: site)
      return false
    }
    guard operands.allSatisfy({ !$0.isPoisoned }) else { return false }
    if let late = operands.first(where: \.isAfterStep) {
      fail(
        .afterStep, subject,
        "'\(late.name)' after the step can only be fetched; compute with the value that is assigned to it",
        operands: operands, site: site)
      return false
    }
    return true
  }
}

extension GraphBuilder.Contents {
  /// A poisoned value, different from all others.
  mutating func poisoned(_ builder: GraphBuilder) -> Value {
    poisonedCount += 1
    return Value(builder: builder, id: ValueID(node: -poisonedCount), type: Value.poisonedType)
  }
}

extension DType {
  /// The name of the case in Swift.
  var swiftName: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .int32: "int32"
    case .int64: "int64"
    case .bool: "bool"
    }
  }
}
