internal import TributaryOps

/// Joins a matrix product or a convolution with the elementwise operator that alone reads it, a `Fused` one or one by
/// itself, into an `Epilogue`, whose shards finish what they computed at once.
///
/// ```
/// %3 = matmul(%0, %1)
/// %4 = fused(%3, %2) {steps: add(x0, x1) → tanh(s0), outputs: [1]}
///
/// %3 = epilogue(%0, %1, %2) {root: matmul(r0, r1), steps: add(x0, x1) → tanh(s0), outputs: [1]}
/// ```
///
/// So bias, activation, residual, scaling and mask go into the product that they follow, and the derivative of an activation
/// into the product that makes its cotangent. The same bits: the product is cut as before. Where two products meet in one
/// operator it goes to the later one. Small values stay as they are.
public struct Epilogues: Pass {
  /// The pass.
  public init() {}

  /// `epilogues`.
  public var name: String { "epilogues" }

  /// The graph with epilogues in place of products and what follows them.
  ///
  /// - Complexity: O(nodes).
  public func run(_ graph: Graph) -> Graph {
    guard graph.nodes.contains(where: { $0.appliedOperator.map(Epilogue.takes) == true }) else {
      return graph
    }
    let readers = NodeReaders(graph)
    let groups = graph.nodes.indices.compactMap { index -> [Int]? in
      root(of: index, graph, readers).map { [$0, index] }
    }
    return graph.joining(groups) { epilogue($0[0], $0[1], graph) }
  }

  /// The product that a node's operator can follow, the last one if there are several.
  private func root(of index: Int, _ graph: Graph, _ readers: NodeReaders) -> Int? {
    let node = graph.nodes[index]
    guard !readers.isAssigned[index], node.outputs[0].byteCount >= ElementwiseFusion.leastBytes,
      node.inputs.contains(where: { graph.nodes[$0.node].appliedOperator.map(Epilogue.takes) == true })
    else { return nil }
    let roots = node.inputs.map(\.node).filter { root in
      guard let applied = graph.nodes[root].appliedOperator, Epilogue.takes(applied),
        !readers.isHandedOut[root], readers[root].allSatisfy({ $0 == index })
      else { return false }
      let joined = epilogue(root, index, graph)
      let types = try? joined.applied.outputTypes(for: joined.inputs.map { graph.type(of: $0) })
      return types != nil
    }
    return roots.max()
  }

  /// What stands for a product and the node that follows it.
  private func epilogue(_ root: Int, _ index: Int, _ graph: Graph) -> JoinedNode {
    let (product, node) = (graph.nodes[root], graph.nodes[index])
    let outputs = node.outputs.indices.map { ValueID(node: index, output: $0) }
    guard let applied = product.appliedOperator, let after = node.appliedOperator else {
      preconditionFailure("a group holds operators")
    }
    // Input 0 of what follows is the product.
    var extra: [ValueID] = []
    let sources = node.inputs.map { id -> Fused.Source in
      if id.node == root { return .input(0) }
      if let known = extra.firstIndex(of: id) { return .input(known + 1) }
      extra.append(id)
      return .input(extra.count)
    }
    let fused: Fused
    if let several = after as? Fused {
      let steps = several.steps.map { step in
        Fused.Step(
          step.applied,
          step.inputs.map { source in if case .input(let number) = source { sources[number] } else { source }
          })
      }
      fused = Fused(steps, outputs: several.outputs)
    } else {
      fused = Fused([Fused.Step(after, sources)], outputs: [0])
    }
    return JoinedNode(
      applied: Epilogue(applied, inputs: product.inputs.count, fused), inputs: product.inputs + extra,
      outputs: outputs)
  }
}
