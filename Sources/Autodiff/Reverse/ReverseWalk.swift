internal import Synchronization
internal import TributaryOps

/// The reverse walk over a builder's nodes: cotangents flow from the differentiated values back to the requested ones,
/// each node's rule building the cotangents of its inputs.
///
/// Nodes are visited from the last to the first, so that a node's cotangents are complete when its rule runs. Nodes
/// that the requested values do not lead to are never visited, so nothing is built for them.
struct ReverseWalk {
  private let builder: GraphBuilder
  private let nodes: [Node]
  private let requested: Set<ValueID>
  private let outputs: [Value]
  private let site: SourceSite

  /// Whether a node's results depend on a requested value in a way that has a derivative.
  private let isActive: [Bool]

  /// What has arrived for a value so far, in order of production.
  private var contributions: [ValueID: [Value]] = [:]

  /// Whether something has arrived for a result of a node.
  private var hasArrived: [Bool]

  /// The complete cotangents.
  private var complete: [ValueID: Value] = [:]

  init(_ builder: GraphBuilder, from ys: [Value], to xs: [Value], site: SourceSite) {
    self.builder = builder
    self.site = site
    outputs = ys
    requested = Set(xs.map(\.id))
    let last = ys.map(\.id.node).max() ?? -1
    let nodes = builder.contents.withLock { Array($0.nodes.prefix(last + 1)) }
    let requested = requested
    var isActive = [Bool](repeating: false, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      guard case .apply(let applied) = node.kind, !(applied is StopGradient) else { continue }
      isActive[index] = node.inputs.contains {
        nodes[$0.node].outputs[$0.output].dtype.isFloatingPoint
          && (isActive[$0.node] || requested.contains($0))
      }
    }
    self.nodes = nodes
    self.isActive = isActive
    hasArrived = [Bool](repeating: false, count: nodes.count)
  }

  /// Walks, starting from the cotangents of the outputs.
  mutating func run(seeds: [Value]) {
    for (output, seed) in zip(outputs, seeds) where wants(output.id) {
      contribute(seed, to: output.id)
    }
    for index in nodes.indices.reversed() where hasArrived[index] {
      let context = BuildContext(path: path(of: nodes[index]), source: nodes[index].source)
      BuildContext.$current.withValue(context) { visit(index) }
    }
  }

  /// The cotangent of a requested value; zeros where nothing arrived.
  func cotangent(of value: Value) -> Value {
    complete[value.id] ?? builder.emit(Fill(type: value.type, value: 0), [], site)
  }

  private mutating func contribute(_ cotangent: Value, to id: ValueID) {
    contributions[id, default: []].append(cotangent)
    hasArrived[id.node] = true
  }

  private func wants(_ id: ValueID) -> Bool { isActive[id.node] || requested.contains(id) }

  private mutating func visit(_ index: Int) {
    let node = nodes[index]
    var cotangents = [Value?](repeating: nil, count: node.outputs.count)
    for output in node.outputs.indices {
      let id = ValueID(node: index, output: output)
      guard let arrived = contributions.removeValue(forKey: id) else { continue }
      let total = arrived.count == 1 ? arrived[0] : builder.emit(Accumulate(), arrived)
      complete[id] = total
      cotangents[output] = total
    }
    guard isActive[index], case .apply(let applied) = node.kind else { return }
    guard let differentiable = applied as? any DifferentiableOperator else {
      builder.fail(
        .notDifferentiable, applied.name,
        "the operator has no derivative rule; conform it to DifferentiableOperator, or cut the way with stopGradient",
        operands: node.inputs.map(value))
      return
    }
    let isNeeded = node.inputs.map { type(of: $0).dtype.isFloatingPoint && wants($0) }
    let context = VJPContext(
      builder: builder, inputs: node.inputs.map(value),
      outputs: node.outputs.indices.map { value(ValueID(node: index, output: $0)) }, cotangents: cotangents,
      isNeeded: isNeeded)
    distribute(differentiable.vjp(context), of: node, applied.name, isNeeded)
  }

  /// Hands a rule's results to the inputs, after checking what a rule written elsewhere may get wrong.
  private mutating func distribute(
    _ results: [Value?], of node: Node, _ name: String, _ isNeeded: [Bool]
  ) {
    guard results.count == node.inputs.count else {
      builder.fail(
        .notDifferentiable, name,
        "the derivative rule gave \(results.count) cotangents for \(node.inputs.count) inputs")
      return
    }
    for (position, id) in node.inputs.enumerated() where isNeeded[position] {
      guard let result = results[position] else { continue }
      let expected = type(of: id)
      guard result.isPoisoned || result.type == expected else {
        builder.fail(
          .notDifferentiable, name,
          "the derivative rule gave a cotangent \(result.type) for input \(position), which is \(expected)")
        continue
      }
      contribute(result, to: id)
    }
  }

  private func type(of id: ValueID) -> TensorType { nodes[id.node].outputs[id.output] }

  private func value(_ id: ValueID) -> Value { Value(builder: builder, id: id, type: type(of: id)) }

  /// The scope of what is built for a node: `gradient/` and the node's own scope.
  private func path(of node: Node) -> String {
    (["gradient"] + node.name.split(separator: "/").dropLast().map(String.init)).joined(separator: "/")
  }
}
