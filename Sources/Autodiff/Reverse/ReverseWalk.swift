internal import TributaryOps

/// The reverse walk over a builder's nodes: cotangents flow from the differentiated values back to the requested ones,
/// each node's rule building the cotangents of its inputs.
///
/// Nodes are visited from the last to the first, so that a node's cotangents are complete when its rule runs. Nodes
/// that the requested values do not lead to are never visited, so nothing is built for them. Rules of nodes within
/// `recompute` are given values computed again, see ``Recomputation``.
struct ReverseWalk {
  /// What is wrong with a node on the way that has no rule.
  static let withoutRule =
    "the operator has no derivative rule; conform it to DifferentiableOperator, or cut the way with stopGradient"

  private let builder: GraphBuilder
  private let nodes: NodeRange
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

  /// The values of nodes that are computed again.
  private var recomputation: Recomputation

  init(_ builder: GraphBuilder, from ys: [Value], to xs: [Value], site: SourceSite) {
    self.builder = builder
    self.site = site
    outputs = ys
    requested = Set(xs.map(\.id))
    let nodes = NodeRange(builder, from: xs, to: ys)
    recomputation = Recomputation(builder)
    let requested = requested
    var isActive = [Bool](repeating: false, count: nodes.count)
    for index in nodes.range {
      guard let (applied, inputs) = nodes[index].application, !(applied is StopGradient) else { continue }
      isActive[index - nodes.first] = inputs.contains { input in
        nodes.type(of: input).dtype.isFloatingPoint
          && (requested.contains(input)
            || (nodes.range.contains(input.node) && isActive[input.node - nodes.first]))
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
    for index in nodes.range.reversed() where hasArrived[index - nodes.first] {
      let context = BuildContext(deriving: "gradient", of: nodes[index])
      BuildContext.$current.withValue(context) { visit(index) }
    }
  }

  /// The cotangent of a requested value; zeros where nothing arrived.
  func cotangent(of value: Value) -> Value {
    arrived(at: value) ?? builder.emit(Fill(type: value.type, value: 0), [], site)
  }

  /// The cotangent of a requested value; nil where nothing arrived.
  func arrived(at value: Value) -> Value? { complete[value.id] }

  private mutating func contribute(_ cotangent: Value, to id: ValueID) {
    contributions[id, default: []].append(cotangent)
    hasArrived[id.node - nodes.first] = true
  }

  private func wants(_ id: ValueID) -> Bool {
    nodes.range.contains(id.node) && (isActive[id.node - nodes.first] || requested.contains(id))
  }

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
    guard isActive[index - nodes.first], let (applied, inputs) = node.application else { return }
    guard let differentiable = applied as? any DifferentiableOperator else {
      builder.fail(
        .notDifferentiable, applied.name, ReverseWalk.withoutRule, operands: inputs.map(value))
      return
    }
    let isNeeded = inputs.map { nodes.type(of: $0).dtype.isFloatingPoint && wants($0) }
    guard !cotangents.contains(where: { $0?.isPoisoned == true }) else {
      // Recorded where it arose; rules that build bodies would take its type for sound.
      for (input, isNeeded) in zip(inputs, isNeeded) where isNeeded {
        contribute(builder.poisoned(), to: input)
      }
      return
    }
    let outputs = node.outputs.indices.map { value(ValueID(node: index, output: $0)) }
    recomputation.enter(index, outputs: outputs, after: cotangents.compactMap { $0 })
    let context = VJPContext(
      builder: builder, inputs: inputs.map { recomputation.value(value($0), readBy: index) },
      outputs: outputs.map { recomputation.value($0, readBy: index) }, cotangents: cotangents,
      isNeeded: isNeeded)
    distribute(differentiable.vjp(context), to: inputs, applied.name, isNeeded)
  }

  /// Hands a rule's results to the inputs, after checking what a rule written elsewhere may get wrong.
  private mutating func distribute(
    _ results: [Value?], to inputs: [ValueID], _ name: String, _ isNeeded: [Bool]
  ) {
    guard results.count == inputs.count else {
      builder.fail(
        .notDifferentiable, name,
        "the derivative rule gave \(results.count) cotangents for \(inputs.count) inputs")
      return
    }
    for (position, id) in inputs.enumerated() where isNeeded[position] {
      guard let result = results[position] else { continue }
      let expected = nodes.type(of: id)
      guard result.isPoisoned || result.type == expected else {
        builder.fail(
          .notDifferentiable, name,
          "the derivative rule gave a cotangent \(result.type) for input \(position), which is \(expected)")
        continue
      }
      contribute(result, to: id)
    }
  }

  private func value(_ id: ValueID) -> Value { Value(builder: builder, id: id, type: nodes.type(of: id)) }
}
