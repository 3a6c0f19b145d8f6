internal import Synchronization
public import TributaryOps

extension GraphBuilder {
  /// Applies an operator with one output.
  ///
  /// - Returns: The output, of the type that the operator infers; poisoned when the operands do not fit, which is
  ///   recorded for `compile`.
  public func apply(
    _ applied: any Operator, to inputs: Value..., file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    emit(applied, inputs, SourceSite(file, line))
  }

  /// Applies an operator with any number of outputs.
  ///
  /// - Returns: The outputs in order. Where the operands do not fit, ``poisonedOutputCount`` poisoned values, since
  ///   the number of outputs is then unknown.
  public func apply(
    _ applied: any Operator, to inputs: [Value], file: StaticString = #fileID, line: UInt = #line
  ) -> [Value] {
    emitAll(applied, inputs, SourceSite(file, line))
  }

  /// How many values stand for the outputs of an operator that could not be applied.
  public static let poisonedOutputCount = 16

  /// One output of an operator, whose attributes are found by `make` once the operands are known to be sound.
  func emit(
    _ subject: String, _ inputs: [Value], _ site: SourceSite, _ make: () throws(ShapeError) -> any Operator
  ) -> Value {
    if let body = bodyBeingBuilt { return body.emit(subject, inputs, site, make) }
    guard accepts(inputs, subject, site: site) else { return poisoned() }
    do {
      return emit(try make(), inputs, site)
    } catch {
      return fail(error, subject, operands: inputs, site: site)
    }
  }

  /// The first output of an operator.
  func emit(_ applied: any Operator, _ inputs: [Value], _ site: SourceSite = .unknown) -> Value {
    emitAll(applied, inputs, site).first ?? poisoned()
  }

  /// All outputs of an operator.
  func emitAll(_ applied: any Operator, _ inputs: [Value], _ site: SourceSite = .unknown) -> [Value] {
    if let body = bodyBeingBuilt { return body.emitAll(applied, inputs, site) }
    func poison() -> [Value] { (0..<Self.poisonedOutputCount).map { _ in poisoned() } }
    guard accepts(inputs, applied.name, site: site) else { return poison() }
    let inputs = inputs.map(adopted)
    do {
      let types = try applied.outputTypes(for: inputs.map(\.type))
      for type in types { try type.shape.validate() }
      return append(.apply(applied), inputs.map(\.id), types, name: applied.name, site)
    } catch {
      fail(error, applied.name, operands: inputs, site: site)
      return poison()
    }
  }

  func append(
    _ kind: Node.Kind, _ inputs: [ValueID], _ outputs: [TensorType], name: String, _ site: SourceSite
  ) -> [Value] {
    let context = BuildContext.current
    let full = context.qualified(name)
    let index = contents.withLock { contents in
      let inherited = inputs.map(\.node).max().map { contents.nodes[$0].source }
      let source = context.source ?? site.text ?? inherited ?? ""
      contents.nodes.append(
        Node(kind: kind, inputs: inputs, outputs: outputs, name: full, source: source))
      if let region = context.region { contents.regions[contents.nodes.count - 1] = region }
      return contents.nodes.count - 1
    }
    return outputs.enumerated().map { output, type in
      Value(builder: self, id: ValueID(node: index, output: output), type: type)
    }
  }
}
