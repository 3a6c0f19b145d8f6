internal import TributaryOps

/// A rewriting of a graph that computes the same values with less work: bit for bit, or equal but for rounding where the
/// pass says so.
///
/// Fetches keep their order, and every state keeps its assignment.
public protocol Pass: Sendable {
  /// The name, for reports.
  var name: String { get }

  /// Whether values keep their bits; true unless a pass says which change.
  var keepsBits: Bool { get }

  /// The rewritten graph.
  func run(_ graph: Graph) -> Graph
}

extension Pass {
  /// True.
  public var keepsBits: Bool { true }
}

extension Graph {
  /// The graph after all passes in turn, but for those that are not selected: what is there is made simpler, operators that
  /// were written out are recognised, and small products are stacked.
  ///
  /// Takes time linear in the nodes.
  public func simplified(by selection: PassSelection = .all) -> Graph {
    rewritten(by: Graph.simplifications, selection)
  }

  /// The graph with operators joined, which is for planning: what is joined has no derivative. Linear in the nodes.
  func joined(by selection: PassSelection) -> Graph { rewritten(by: Graph.joins, selection) }

  private func rewritten(by passes: [any Pass], _ selection: PassSelection) -> Graph {
    passes.filter { selection.contains($0) }.reduce(self) { graph, pass in pass.run(graph) }
  }

  /// All passes in their order.
  package static let passes = simplifications + joins

  /// The passes of ``simplified(by:)``.
  package static let simplifications: [any Pass] = [
    IdentityElimination(), TransposeAbsorption(), SliceAssembly(), ConstantFolding(),
    ArithmeticSimplification(), IdentityElimination(), CommonSubexpressions(), DeadCodeElimination(),
    AttentionRecognition(), EntropyRecognition(), ProductStacking(), GradientStacking(),
    DeadCodeElimination(),
    OutputTrimming(),
  ]

  /// The passes of ``joined(by:)``, which run once it is settled how sums of gradients are made.
  private static let joins: [any Pass] = [ElementwiseFusion(), Epilogues()]
}

/// A graph under rewriting, node by node in topological order: values of the old graph are mapped to values of the new.
///
/// Until something changes the nodes are the source's own, not copies of them.
struct GraphRewriter {
  /// The nodes kept and made so far; while nothing has changed, all of the source's.
  private(set) var nodes: [Node]
  /// The number of nodes kept and made so far.
  private(set) var count = 0

  private let source: Graph
  private var isChanged = false
  /// For each old node, where its outputs begin in `replacement`.
  private var firstOutput: [Int] = []
  private var replacement: [ValueID] = []

  init(_ source: Graph) {
    self.source = source
    nodes = source.nodes
  }

  /// Walks the source's nodes. `body` gets each with its inputs mapped, and returns the values that stand for its
  /// outputs, or nil to keep the node.
  mutating func rewrite(_ body: (inout GraphRewriter, Node) -> [ValueID]?) -> Graph {
    let source = source
    for index in source.nodes.indices {
      if isChanged {
        var node = source.nodes[index]
        if let inputs = remapped(node.inputs) { node.inputs = inputs }
        note(body(&self, node), keeping: node)
      } else if let values = body(&self, source.nodes[index]) {
        diverge()
        note(values, keeping: source.nodes[index])
      } else if isChanged {
        note(nil, keeping: source.nodes[index])
      } else {
        count += 1
      }
    }
    guard isChanged else { return source }
    var result = source
    result.nodes = nodes
    result.fetches = source.fetches.map { fetch in
      if case .value(let id) = fetch { .value(mapped(id)) } else { fetch }
    }
    result.assignments = source.assignments.map { Assignment(state: $0.state, value: mapped($0.value)) }
    return result
  }

  /// What stands for a value of the source that was walked past.
  func mapped(_ id: ValueID) -> ValueID {
    isChanged ? replacement[firstOutput[id.node] + id.output] : id
  }

  /// The inputs in the new graph; nil where they are the same.
  private func remapped(_ inputs: [ValueID]) -> [ValueID]? {
    for (position, input) in inputs.enumerated() where mapped(input) != input {
      // A loop: a closure would copy this rewriter.
      var moved = inputs
      for later in position..<inputs.count { moved[later] = mapped(inputs[later]) }
      return moved
    }
    return nil
  }

  /// Notes what stands for the next old node; nil for the node itself, which is then added.
  private mutating func note(_ values: [ValueID]?, keeping node: Node) {
    firstOutput.append(replacement.count)
    if let values {
      replacement += values
      return
    }
    for output in node.outputs.indices { replacement.append(ValueID(node: count, output: output)) }
    nodes.append(node)
    count += 1
  }

  /// Parts from the source: from here on nodes have numbers of their own.
  private mutating func diverge() {
    guard !isChanged else { return }
    isChanged = true
    firstOutput.reserveCapacity(source.nodes.count)
    replacement.reserveCapacity(source.nodes.count)
    nodes = []
    nodes.reserveCapacity(source.nodes.count)
    nodes += source.nodes[..<count]
    for index in 0..<count {
      firstOutput.append(replacement.count)
      for output in nodes[index].outputs.indices {
        replacement.append(ValueID(node: index, output: output))
      }
    }
  }

  /// Adds a node; returns its outputs.
  mutating func append(_ node: Node) -> [ValueID] {
    diverge()
    nodes.append(node)
    count += 1
    return outputs(of: count - 1)
  }

  /// The outputs of a node of the new graph.
  func outputs(of node: Int) -> [ValueID] {
    nodes[node].outputs.indices.map { ValueID(node: node, output: $0) }
  }

  /// Adds an operator with one output in the place of `node`.
  mutating func append(
    _ applied: any Operator, _ inputs: [ValueID], _ output: TensorType, inPlaceOf node: Node
  ) -> ValueID {
    append(
      Node(
        kind: .apply(applied), inputs: inputs, outputs: [output], name: node.sibling(applied.name),
        source: node.source))[0]
  }

  /// The type of a value of the new graph.
  func type(of id: ValueID) -> TensorType { nodes[id.node].outputs[id.output] }

  /// The operator that makes a value of the new graph, and what it reads.
  func maker(of id: ValueID) -> (applied: any Operator, inputs: [ValueID])? {
    nodes[id.node].appliedOperator.map { ($0, nodes[id.node].inputs) }
  }
}
