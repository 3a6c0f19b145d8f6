internal import TributaryOps

/// The forward walk over a builder's nodes: tangents flow from the values differentiated by to the requested ones, each
/// node's rule building the tangents of its outputs.
///
/// Nodes are visited in order of construction, so that the tangents of a node's inputs are complete when its rule runs.
/// Nodes that do not lead from the former to the latter are not visited, so nothing is built for them.
struct ForwardWalk {
  private let builder: GraphBuilder
  private let nodes: NodeRange
  private let site: SourceSite

  /// Whether a requested value depends on a node's results in a way that has a derivative.
  private let isWanted: [Bool]

  /// The tangents so far.
  private var tangents: [ValueID: Value] = [:]

  init(_ builder: GraphBuilder, from xs: [Value], to ys: [Value], site: SourceSite) {
    self.builder = builder
    self.site = site
    nodes = NodeRange(builder, from: xs, to: ys)
    var isWanted = [Bool](repeating: false, count: nodes.count)
    for y in ys where nodes.range.contains(y.id.node) { isWanted[y.id.node - nodes.first] = true }
    for index in nodes.range.reversed() where isWanted[index - nodes.first] {
      guard let (applied, inputs) = nodes[index].application, !(applied is StopGradient) else { continue }
      for input in inputs
      where nodes.range.contains(input.node) && nodes.type(of: input).dtype.isFloatingPoint {
        isWanted[input.node - nodes.first] = true
      }
    }
    self.isWanted = isWanted
  }

  /// Walks, starting from the tangents of the values differentiated by.
  mutating func run(from xs: [Value], seeds: [Value]) {
    for (x, seed) in zip(xs, seeds) { add(seed, to: x.id) }
    for index in nodes.range where isWanted[index - nodes.first] {
      let node = nodes[index]
      BuildContext.$current.withValue(BuildContext(deriving: "tangent", of: node)) { visit(index, node) }
    }
  }

  /// The tangent of a requested value; zeros where nothing arrived.
  func tangent(of value: Value) -> Value {
    tangents[value.id] ?? builder.emit(Fill(type: value.type, value: 0), [], site)
  }

  private mutating func add(_ tangent: Value, to id: ValueID) {
    tangents[id] = tangents[id].map { builder.emit(Accumulate(), [$0, tangent]) } ?? tangent
  }

  private mutating func visit(_ index: Int, _ node: Node) {
    guard let (applied, inputs) = node.application, !(applied is StopGradient),
      node.outputs.contains(where: \.dtype.isFloatingPoint)
    else { return }
    let arrived = inputs.map { tangents[$0] }
    guard arrived.contains(where: { $0 != nil }) else { return }
    guard let differentiable = applied as? any DifferentiableOperator else {
      builder.fail(.notDifferentiable, applied.name, ReverseWalk.withoutRule, operands: inputs.map(value))
      return
    }
    let context = JVPContext(
      builder: builder, inputs: inputs.map(value),
      outputs: node.outputs.indices.map { value(ValueID(node: index, output: $0)) }, tangents: arrived)
    let results = differentiable.jvp(context)
    guard results.count == node.outputs.count else {
      builder.fail(
        .notDifferentiable, applied.name,
        "the rule of forward mode gave \(results.count) tangents for \(node.outputs.count) outputs")
      return
    }
    for (output, result) in results.enumerated() {
      guard let result, node.outputs[output].dtype.isFloatingPoint else { continue }
      guard result.isPoisoned || result.type == node.outputs[output] else {
        builder.fail(
          .notDifferentiable, applied.name,
          "the rule of forward mode gave a tangent \(result.type) for output \(output), which is "
            + "\(node.outputs[output])")
        continue
      }
      add(result, to: ValueID(node: index, output: output))
    }
  }

  private func value(_ id: ValueID) -> Value { Value(builder: builder, id: id, type: nodes.type(of: id)) }
}
