internal import TributaryOps

/// Joins elementwise operators that read each other, and reductions of rows among them, into one `Fused` operator, which
/// passes over memory once. Forward and backward, with broadcast inputs and several outputs.
///
/// ```
/// %3 = add(%1, %2)                             %1: [512, 256], %2: [256]
/// %4 = tanh(%3)
/// %5 = mul(%4, %4)
/// %6 = sum(%5) {axes: [1], keepdims: false}
///
/// %3, %4 = fused(%1, %2) {steps: add(x0, x1) → tanh(s0) → mul(s1, s1) → sum(s2, …), outputs: [1, 3]}
/// ```
///
/// The same bits. A group grows backwards from its last node: an operator joins the group of its first reader when everybody
/// else who reads it is in the group or comes after the group's last node. So nothing in the group can wait for something
/// outside that waits for the group, and results that others read later, as the backward pass reads activations, become
/// outputs. A sum of gradients joins as additions from left to right, which is its order. Small values stay as they are:
/// they lie in the first cache anyway.
public struct ElementwiseFusion: Pass {
  /// The pass.
  public init() {}

  /// `elementwise-fusion`.
  public var name: String { "elementwise-fusion" }

  /// The bytes of a value from which on it is worth not being written and read again.
  static let leastBytes = 96 << 10

  /// Rows along which operands are broadcast are loops of their own from this length on.
  private static let shortRow = 64

  /// Steps of one group; more would hand more between them than registers hold.
  private static let stepLimit = 24

  /// Inputs and outputs of one group.
  private static let memoryLimit = 24

  /// A group while it grows: its members, the last first.
  private struct Group {
    let shape: Shape
    var members: [Int]
    var steps: Int
    var inputs: Set<ValueID>
    var outputs: Int
  }

  /// The graph with groups in place of their operators.
  ///
  /// - Complexity: O(nodes).
  public func run(_ graph: Graph) -> Graph {
    let readers = NodeReaders(graph)
    let groups = groups(of: graph, readers).filter { $0.members.count > 1 }.map {
      Array($0.members.reversed())
    }
    return graph.joining(groups) { join($0, graph, readers) }
  }

  private func groups(of graph: Graph, _ readers: NodeReaders) -> [Group] {
    var groups: [Group] = []
    var group = [Int](repeating: -1, count: graph.nodes.count)
    for index in graph.nodes.indices.reversed() {
      guard !readers.isAssigned[index], let shape = blockShape(of: graph.nodes[index], graph) else {
        continue
      }
      let steps = steps(of: graph.nodes[index])
      if let joined = chosen(index, steps, graph, readers, group, groups) {
        group[index] = joined
        groups[joined].members.append(index)
        groups[joined].steps += steps
        groups[joined].inputs.remove(ValueID(node: index))
        groups[joined].inputs.formUnion(graph.nodes[index].inputs)
        if readers.isHandedOut[index] || readers[index].contains(where: { group[Int($0)] != joined }) {
          groups[joined].outputs += 1
        }
      } else if shape.elementCount * graph.nodes[index].outputs[0].dtype.byteCount >= Self.leastBytes {
        group[index] = groups.count
        groups.append(
          Group(
            shape: shape, members: [index], steps: steps, inputs: Set(graph.nodes[index].inputs), outputs: 1))
      }
    }
    return groups
  }

  /// The group that a node may join, or nil.
  private func chosen(
    _ index: Int, _ steps: Int, _ graph: Graph, _ readers: NodeReaders, _ group: [Int], _ groups: [Group]
  ) -> Int? {
    // The reader that comes first decides: whatever else reads the node then comes later, or is in the same group.
    guard let first = readers[index].first.map({ Int($0) }), group[first] >= 0 else { return nil }
    let it = groups[group[first]]
    guard fits(graph.nodes[index], it.shape, graph),
      it.steps + steps <= Self.stepLimit,
      it.inputs.count + it.outputs + graph.nodes[index].inputs.count <= Self.memoryLimit,
      readers[index].allSatisfy({ group[Int($0)] == group[first] || Int($0) > it.members[0] })
    else { return nil }
    return group[first]
  }

  /// Whether a node's result is of a group's shape, or has one element for each of its rows.
  private func fits(_ node: Node, _ shape: Shape, _ graph: Graph) -> Bool {
    let own = node.outputs[0].shape
    if let reduce = node.appliedOperator as? Reduce {
      return reduce.keepDimensions && graph.type(of: node.inputs[0]).shape == shape
    }
    if own == shape { return true }
    return shape.rank > 0 && own == Shape(shape.dropLast() + [1])
      && (2...Fused.rowLimit).contains(shape[shape.rank - 1])
  }

  /// The shape over which a node loops when it may be a step, else nil.
  private func blockShape(of node: Node, _ graph: Graph) -> Shape? {
    guard let applied = node.appliedOperator, node.outputs.count == 1, !node.inputs.isEmpty else {
      return nil
    }
    if type(of: applied) == Accumulate.self { return node.inputs.count > 1 ? node.outputs[0].shape : nil }
    let signature = graph.signature(of: node)
    guard Fused.takes(applied, signature), applied.viewOffset(signature) == nil else { return nil }
    if type(of: applied) == Reduce.self { return signature.inputs[0].shape }
    let shape = signature.outputs[0].shape
    let spreads = signature.inputs.contains { $0.shape != shape && $0.elementCount != 1 }
    return spreads && shape[shape.rank - 1] < Self.shortRow ? nil : shape
  }

  /// How many steps a node makes.
  private func steps(of node: Node) -> Int { node.applies(Accumulate.self) ? node.inputs.count - 1 : 1 }

  /// The operator of a group's members in order, and what it reads.
  private func join(_ members: [Int], _ graph: Graph, _ readers: NodeReaders) -> JoinedNode {
    var inputs: [ValueID] = []
    var known: [ValueID: Fused.Source] = [:]
    var steps: [Fused.Step] = []
    func source(_ id: ValueID) -> Fused.Source {
      if let source = known[id] { return source }
      known[id] = .input(inputs.count)
      inputs.append(id)
      return .input(inputs.count - 1)
    }
    let isMember = Set(members)
    var outputs: [(step: Int, value: ValueID)] = []
    for member in members {
      let node = graph.nodes[member]
      let operands = node.inputs.map(source)
      if node.applies(Accumulate.self) {
        for operand in operands.indices.dropFirst() {
          let sum = operand == 1 ? operands[0] : .result(steps.count - 1)
          steps.append(Fused.Step(Binary(.add), [sum, operands[operand]]))
        }
      } else if let applied = node.appliedOperator {
        steps.append(Fused.Step(applied, operands))
      }
      let value = ValueID(node: member)
      known[value] = .result(steps.count - 1)
      if readers.isHandedOut[member] || readers[member].contains(where: { !isMember.contains(Int($0)) }) {
        outputs.append((steps.count - 1, value))
      }
    }
    // Results of the largest shape first.
    let largest = members.map { blockShape(of: graph.nodes[$0], graph)?.elementCount ?? 0 }.max()
    let full = outputs.filter { graph.type(of: $0.value).elementCount == largest }
    let columns = outputs.filter { graph.type(of: $0.value).elementCount != largest }
    return JoinedNode(
      applied: Fused(steps, outputs: (full + columns).map(\.step)), inputs: inputs,
      outputs: (full + columns).map(\.value))
  }
}
