internal import TributaryOps

/// Puts the fused operators in the place of a logarithm of a softmax and of a cross entropy written out, with their gradients.
///
/// ```
/// %2 = softmax(%0) {axis: 1}                                  logits: %0 [N, C]
/// %3 = log(%2)                                                classes: %1 [N, 1]
/// %4 = gather(%3, %1) {axis: 1}
/// %5 = neg(%4)
///
/// %2 = reshape(%1) {shape: [N]}
/// %3 = cross_entropy(%0, %2) {reduction: none}
/// ```
///
/// - log(softmax(x)) is `log_softmax`: no loss of small probabilities, whose logarithm written out is −∞.
/// - The element of log_softmax(x) that `gather` takes along axis 1 at each class is minus the `cross_entropy`, which is not
///   reduced: what is done with it, a sign, weights, a mean, stays.
///
/// Gradients are replaced with them, where nothing else reads the softmax or its logarithm; otherwise all stays as it
/// is. **Results differ by rounding.** Losses with `one_hot` stay: there a class out of range counts nothing, here it is a
/// fault, as it is with `gather`.
public struct EntropyRecognition: Pass {
  /// The pass.
  public init() {}

  /// `entropy`.
  public var name: String { "entropy" }

  /// False: sums are taken in another order.
  public var keepsBits: Bool { false }

  /// The graph with fused operators.
  ///
  /// - Complexity: O(nodes).
  public func run(_ graph: Graph) -> Graph {
    fusedLosses(joinedLogarithms(graph))
  }

  /// Logarithms of softmaxes as one operator.
  private func joinedLogarithms(_ graph: Graph) -> Graph {
    guard graph.nodes.contains(where: { $0.applies(Softmax.self) }) else { return graph }
    let readers = NodeReaders(graph)
    var logarithms: [Int: Int] = [:]
    var gradients: [Int: WrittenOutGradient] = [:]
    for index in graph.nodes.indices where graph.nodes[index].applies(Softmax.self) {
      guard let all = readers.all(of: index),
        let logarithm = all.first(where: {
          (graph.nodes[$0].appliedOperator as? Unary)?.function == .log
        }),
        let found = WrittenOutGradient.all(ofLogarithm: logarithm, all, graph, readers)
      else { continue }
      logarithms[logarithm] = index
      for gradient in found { gradients[gradient.node] = gradient }
    }
    guard !logarithms.isEmpty else { return graph }
    var rewriter = GraphRewriter(graph)
    var index = -1
    let result = rewriter.rewrite { rewriter, node in
      index += 1
      if let softmax = logarithms[index], let applied = graph.nodes[softmax].appliedOperator as? Softmax {
        let x = rewriter.mapped(graph.nodes[softmax].inputs[0])
        return [
          rewriter.append(LogSoftmax(axis: applied.axis), [x], node.outputs[0], inPlaceOf: node)
        ]
      }
      guard let gradient = gradients[index], let applied = node.appliedOperator as? SoftmaxGradient else {
        return nil
      }
      let operands = [gradient.cotangent, ValueID(node: gradient.of)].map { rewriter.mapped($0) }
      return [
        rewriter.append(
          LogSoftmaxGradient(axis: applied.axis), operands, node.outputs[0], inPlaceOf: node)
      ]
    }
    // What was replaced must no longer count as a reader.
    return DeadCodeElimination().run(result)
  }

  /// Gathered logarithms as cross entropies.
  private func fusedLosses(_ graph: Graph) -> Graph {
    guard graph.nodes.contains(where: { $0.applies(LogSoftmax.self) }) else { return graph }
    let readers = NodeReaders(graph)
    var losses: Set<Int> = []
    var gradients: [Int: WrittenOutGradient] = [:]
    for index in graph.nodes.indices {
      guard (graph.nodes[index].appliedOperator as? LogSoftmax)?.axis == 1,
        let all = readers.all(of: index),
        let loss = all.first(where: { graph.picks($0, from: index) }),
        let found = WrittenOutGradient.all(ofPick: loss, from: index, all, graph, readers)
      else { continue }
      losses.insert(loss)
      for gradient in found { gradients[gradient.node] = gradient }
    }
    guard !losses.isEmpty else { return graph }
    let entropy = CrossEntropy(reduction: .none)
    var rewriter = GraphRewriter(graph)
    var index = -1
    let result = rewriter.rewrite { rewriter, node in
      index += 1
      let gradient = gradients[index]
      guard let loss = gradient?.of ?? (losses.contains(index) ? index : nil) else { return nil }
      let picking = graph.nodes[loss]
      let logits = rewriter.mapped(graph.nodes[picking.inputs[0].node].inputs[0])
      let column = picking.outputs[0]
      let flat = TensorType(column.dtype, column.shape.removing(axis: 1))
      let indices = rewriter.mapped(picking.inputs[1])
      let classes = rewriter.append(
        Reshape(shape: flat.shape), [indices],
        TensorType(rewriter.type(of: indices).dtype, flat.shape), inPlaceOf: node)
      if let gradient {
        let dy = rewriter.append(
          Reshape(shape: flat.shape), [rewriter.mapped(gradient.cotangent)], flat, inPlaceOf: node)
        let minus = rewriter.append(Unary(.neg), [dy], flat, inPlaceOf: node)
        return [
          rewriter.append(
            CrossEntropyGradient(reduction: .none), [minus, logits, classes], node.outputs[0], inPlaceOf: node
          )
        ]
      }
      let losses = rewriter.append(entropy, [logits, classes], flat, inPlaceOf: node)
      let picked = rewriter.append(Unary(.neg), [losses], flat, inPlaceOf: node)
      return [rewriter.append(Reshape(shape: column.shape), [picked], column, inPlaceOf: node)]
    }
    // Two signs that meet are none.
    return IdentityElimination().run(result)
  }
}

/// The gradient by the logits that is made from a softmax's gradient and what comes before it.
private struct WrittenOutGradient {
  /// The node of the gradient.
  let node: Int
  /// The node whose cotangent is given.
  let of: Int
  /// That cotangent.
  let cotangent: ValueID

  /// The gradients of log(softmax(x)) among the softmax's readers; nil where there are other readers.
  static func all(ofLogarithm logarithm: Int, _ all: [Int], _ graph: Graph, _ readers: NodeReaders)
    -> [WrittenOutGradient]?
  {
    let softmax = graph.nodes[logarithm].inputs[0].node
    var found: [WrittenOutGradient] = []
    var quotients: Set<Int> = []
    for reader in all where graph.nodes[reader].applies(SoftmaxGradient.self) {
      let inputs = graph.nodes[reader].inputs
      let quotient = graph.nodes[inputs[0].node]
      guard logarithm < reader, inputs[1].node == softmax,
        (quotient.appliedOperator as? Binary)?.function == .div,
        quotient.inputs[1].node == softmax, readers.only(of: inputs[0].node) == reader,
        graph.type(of: quotient.inputs[0]) == quotient.outputs[0]
      else { return nil }
      quotients.insert(inputs[0].node)
      found.append(WrittenOutGradient(node: reader, of: logarithm, cotangent: quotient.inputs[0]))
    }
    let isAll = all.allSatisfy { reader in
      reader == logarithm || quotients.contains(reader) || found.contains { $0.node == reader }
    }
    return isAll ? found : nil
  }

  /// The gradients of what a gather picks from a log-softmax among its readers; nil where there are other readers.
  static func all(
    ofPick loss: Int, from softmax: Int, _ all: [Int], _ graph: Graph, _ readers: NodeReaders
  ) -> [WrittenOutGradient]? {
    var found: [WrittenOutGradient] = []
    for reader in all where reader != loss {
      let inputs = graph.nodes[reader].inputs
      guard graph.nodes[reader].applies(LogSoftmaxGradient.self), inputs[1].node == softmax,
        inputs[0].node != softmax, readers.only(of: inputs[0].node) == reader
      else { return nil }
      let scatter = graph.nodes[inputs[0].node]
      guard (scatter.appliedOperator as? ScatterAdd)?.axis == 1,
        graph.nodes[scatter.inputs[0].node].isZero, scatter.inputs[1] == graph.nodes[loss].inputs[1]
      else { return nil }
      found.append(WrittenOutGradient(node: reader, of: loss, cotangent: scatter.inputs[2]))
    }
    return found
  }
}

extension Graph {
  /// Whether a node gathers one element of axis 1 at every place of the other axes.
  fileprivate func picks(_ index: Int, from softmax: Int) -> Bool {
    guard (nodes[index].appliedOperator as? Gather)?.axis == 1, nodes[index].inputs[0].node == softmax else {
      return false
    }
    var whole = nodes[softmax].outputs[0].shape
    guard whole.rank >= 2 else { return false }
    whole[1] = 1
    return nodes[index].outputs[0].shape == whole
  }
}

extension Node {
  /// Whether every element is 0, as far as it is known.
  fileprivate var isZero: Bool {
    if case .constant(let tensor) = kind { return tensor.withUnsafeBytes { $0.allSatisfy { $0 == 0 } } }
    return uniformConstant == 0
  }
}
