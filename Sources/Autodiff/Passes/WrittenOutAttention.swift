internal import TributaryOps

/// An attention made of single operators, with the operators of its gradient.
struct WrittenOutAttention {
  /// The scale and whether it is causal.
  private(set) var form: AttentionForm

  /// q, k, v and perhaps a mask.
  private(set) var operands: [ValueID]

  /// The outputs of the attention operator.
  private(set) var types: [TensorType] = []

  /// The node of the result.
  let output: Int

  /// The result's cotangent, where there are gradients.
  private(set) var cotangent: ValueID?

  /// The nodes of the gradients by q, k and v, where they are made.
  private(set) var gradients: [Int?] = [nil, nil, nil]

  /// The factor of the scores, and what is chosen by.
  private var scale: Double?
  private var choice: ValueID?
  private let probabilities: Int

  /// Follows the operators around a softmax; nil where they are no attention, or where something else reads between them.
  init?(softmax: Int, _ graph: Graph, _ readers: NodeReaders) {
    let node = graph.nodes[softmax]
    let rank = node.outputs[0].rank
    guard let readingSoftmax = readers.all(of: softmax), rank >= 2,
      (node.appliedOperator as? Softmax)?.axis == rank - 1,
      let output = readingSoftmax.first(where: { graph.isProduct($0, of: softmax, at: 0) })
    else { return nil }
    self.output = output
    probabilities = softmax
    form = AttentionForm()
    operands = []

    // Back from the softmax: a mask, a scale, the product of queries and keys.
    var scores = node.inputs[0]
    var mask: ValueID?
    func isRead(by reader: Int) -> Bool { readers.only(of: scores.node) == reader }
    var reader = softmax
    guard isRead(by: reader) else { return nil }
    if graph.nodes[scores.node].applies(Where.self) {
      let inputs = graph.nodes[scores.node].inputs
      guard graph.nodes[inputs[2].node].uniformConstant == -.infinity else { return nil }
      (mask, choice) = (inputs[0], inputs[0])
      (reader, scores) = (scores.node, inputs[1])
    } else if let (sum, inputs) = graph.binary(scores, .add) {
      // The scores are the operand that is a product, or a multiple of one.
      guard let place = inputs.firstIndex(where: { graph.isMultipleOfProduct($0) }) else { return nil }
      mask = inputs[1 - place]
      (reader, scores) = (sum, inputs[place])
    }
    guard isRead(by: reader) else { return nil }
    if let (factor, number, input) = graph.scaled(scores) {
      scale = factor
      (reader, scores) = (number, input)
      guard isRead(by: reader) else { return nil }
    }
    guard let product = graph.nodes[scores.node].appliedOperator as? MatMul, !product.transposeA,
      product.transposeB, !product.accumulating
    else { return nil }
    operands = graph.nodes[scores.node].inputs + [graph.nodes[output].inputs[1]]
    let isCausal = mask.map { graph.isCausal($0, scores: node.outputs[0].shape) } ?? false
    form = AttentionForm(isCausal: isCausal, scale: scale ?? 1)
    if let mask, !isCausal { operands.append(mask) }
    guard let types = try? Attention(form).outputTypes(for: operands.map { graph.type(of: $0) }),
      types[0] == graph.nodes[output].outputs[0],
      takesAllReaders(readingSoftmax.filter { $0 != output }, graph, readers),
      gradients.allSatisfy({ $0 ?? .max > output })
    else { return nil }
    self.types = types
  }

  /// Follows the gradient from the other readers of the probabilities; false where it is none, or read elsewhere.
  private mutating func takesAllReaders(_ others: [Int], _ graph: Graph, _ readers: NodeReaders) -> Bool {
    for reader in others {
      let inputs = graph.nodes[reader].inputs
      if graph.isProduct(reader, of: probabilities, at: 0, transposeA: true), gradients[2] == nil {
        guard takes(cotangent: inputs[1]) else { return false }
        gradients[2] = reader
      } else if graph.nodes[reader].applies(SoftmaxGradient.self), inputs[1].node == probabilities,
        let product = graph.nodes[inputs[0].node].appliedOperator as? MatMul,
        readers.only(of: inputs[0].node) == reader
      {
        let factors = graph.nodes[inputs[0].node].inputs
        guard product.transposeB, !product.transposeA, !product.accumulating, factors[1] == operands[2],
          takes(cotangent: factors[0]), takesScores(reader, graph, readers)
        else { return false }
      } else {
        return false
      }
    }
    return true
  }

  private mutating func takes(cotangent id: ValueID) -> Bool {
    if cotangent == nil { cotangent = id }
    return cotangent == id
  }

  /// Follows the scores' cotangent through mask and scale to the gradients by q and k.
  private mutating func takesScores(_ gradient: Int, _ graph: Graph, _ readers: NodeReaders) -> Bool {
    var last = gradient
    if let choice {
      guard let reader = readers.only(of: last), graph.nodes[reader].applies(Where.self) else { return false }
      let inputs = graph.nodes[reader].inputs
      guard inputs[0] == choice, inputs[1].node == last,
        graph.nodes[inputs[2].node].uniformConstant == 0
      else { return false }
      last = reader
    }
    if let scale {
      guard let reader = readers.only(of: last), let (factor, _, input) = graph.scaled(ValueID(node: reader)),
        factor == scale, input.node == last
      else { return false }
      last = reader
    }
    guard let products = readers.all(of: last) else { return false }
    for product in products {
      let isByKey = graph.isProduct(product, of: last, at: 0, transposeA: true)
      guard isByKey || graph.isProduct(product, of: last, at: 0),
        graph.nodes[product].inputs[1] == operands[isByKey ? 0 : 1], gradients[isByKey ? 1 : 0] == nil
      else { return false }
      gradients[isByKey ? 1 : 0] = product
    }
    return true
  }
}

extension Graph {
  /// Whether a node multiplies a node's value, as one operand, by another that is read as it is.
  fileprivate func isProduct(_ index: Int, of value: Int, at place: Int, transposeA: Bool = false) -> Bool {
    guard let product = nodes[index].appliedOperator as? MatMul else { return false }
    let inputs = nodes[index].inputs
    return product.transposeA == transposeA && !product.transposeB && !product.accumulating
      && inputs[place].node == value && inputs[1 - place].node != value
  }

  /// The node and operands of a binary operator.
  fileprivate func binary(_ id: ValueID, _ function: BinaryFunction) -> (node: Int, inputs: [ValueID])? {
    guard (nodes[id.node].appliedOperator as? Binary)?.function == function else { return nil }
    return (id.node, nodes[id.node].inputs)
  }

  /// The number by which a value is multiplied, the node that does it and the value.
  fileprivate func scaled(_ id: ValueID) -> (factor: Double, node: Int, input: ValueID)? {
    for function in [BinaryFunction.mul, .div] {
      guard let (node, inputs) = binary(id, function) else { continue }
      for place in 0..<(function == .mul ? 2 : 1) {
        guard let number = nodes[inputs[1 - place].node].uniformConstant, number.isFinite, number != 0,
          type(of: inputs[place]) == type(of: id)
        else { continue }
        return (function == .mul ? number : 1 / number, node, inputs[place])
      }
    }
    return nil
  }

  fileprivate func isMultipleOfProduct(_ id: ValueID) -> Bool {
    nodes[(scaled(id)?.input ?? id).node].applies(MatMul.self)
  }

  /// Whether a mask is true where the index along the last axis is at most that along the one before.
  fileprivate func isCausal(_ mask: ValueID, scores: Shape) -> Bool {
    let type = type(of: mask)
    let (queries, keys) = (scores[scores.rank - 2], scores[scores.rank - 1])
    guard type.dtype == .bool, type.rank >= 2, type.shape.suffix(2).elementsEqual([queries, keys]),
      type.elementCount == queries * keys
    else { return false }
    switch nodes[mask.node].kind {
    case .constant(let tensor):
      return tensor.withUnsafeBytes { bytes in
        bytes.indices.allSatisfy { (bytes[$0] != 0) == ($0 % keys <= $0 / keys) }
      }
    case .apply(let applied):
      guard let compare = applied as? Compare else { return false }
      let inputs = nodes[mask.node].inputs
      switch compare.comparison {
      case .lessEqual: return counts(inputs[0], -1, keys) && counts(inputs[1], -2, queries)
      case .greaterEqual: return counts(inputs[1], -1, keys) && counts(inputs[0], -2, queries)
      default: return false
      }
    case .input, .state: return false
    }
  }

  /// Whether a value is the index along an axis, counted from the end, of a length.
  private func counts(_ id: ValueID, _ axis: Int, _ length: Int) -> Bool {
    let shape = type(of: id).shape
    let axis = shape.rank + axis
    guard axis >= 0, shape[axis] == length else { return false }
    switch nodes[id.node].kind {
    case .apply(let applied): return (applied as? Iota)?.axis == axis
    case .constant(let tensor):
      let stride = shape.strides[axis]
      guard let indices = try? tensor.elements(Int64.self) else { return false }
      return indices.indices.allSatisfy { indices[$0] == Int64($0 / stride % length) }
    case .input, .state: return false
    }
  }
}
