internal import TributaryOps

/// Replaces elementwise operators by fewer or cheaper ones that give the same bits.
///
/// ```
/// %2 = neg(%1)
/// %3 = add(%0, %2)
/// %4 = div(%3, 4.0)
///
/// %3 = sub(%0, %1)
/// %4 = mul(%3, 0.25)
/// ```
///
/// - Signs: x + (−y) = x − y, x − (−y) = x + y, (−x)·(−y) = x·y, (−x)/(−y) = x/y, x·(−1) = x/(−1) = −x,
///   (−x)² = |x|² = x², |−x| = |x|.
/// - Twice the same: |·|, relu and sign of themselves; max and min of a value with itself.
/// - Numbers: x + (−0) = x, in integers x + 0 too, x¹ = x, and a division by a power of two is a multiplication, where both factors are normal numbers.
/// - Choices: between a value and itself, by a mask known throughout, by a negated mask; not not.
/// - A conversion after one that loses nothing starts from the value itself; back to its own type there is none.
///
/// Rounding is the same in each, and so are signed zeros and infinities. A NaN stays a NaN, its sign apart. Subnormal numbers,
/// which arithmetic may flush to zero, may be handed on. Not among the rules, since they change bits: x + 0 (of −0),
/// 0 − x and −(x − y) (where the result is zero), x·0 and x − x (of NaN and infinities).
public struct ArithmeticSimplification: Pass {
  /// The pass.
  public init() {}

  /// `arithmetic`.
  public var name: String { "arithmetic" }

  /// Masks of more elements than this are not looked through.
  private static let comparedElements = 4096

  /// The graph with simpler operators.
  ///
  /// - Complexity: O(nodes).
  public func run(_ graph: Graph) -> Graph {
    var rewriter = GraphRewriter(graph)
    return rewriter.rewrite { rewriter, node in
      guard case .apply(let applied) = node.kind, node.outputs.count == 1 else { return nil }
      // Comparing types costs a fraction of casting, and most nodes are none of these.
      let kind = type(of: applied)
      let simpler: ValueID? =
        if kind == Binary.self, let binary = applied as? Binary {
          simplified(binary.function, node, &rewriter)
        } else if kind == Unary.self, let unary = applied as? Unary {
          simplified(unary.function, node, &rewriter)
        } else if kind == Where.self {
          simplifiedChoice(node, &rewriter)
        } else if kind == Cast.self, let cast = applied as? Cast {
          simplified(cast, node, &rewriter)
        } else if kind == Logical.self, let logical = applied as? Logical, logical.function == .not {
          rewriter.negatedMask(node.inputs[0])
        } else {
          nil
        }
      return simpler.map { [$0] }
    }
  }

  private func simplified(_ function: UnaryFunction, _ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    guard let (maker, inputs) = graph.maker(of: node.inputs[0]), let inner = maker as? Unary else {
      return nil
    }
    switch (function, inner.function) {
    case (.abs, .abs), (.relu, .relu), (.sign, .sign): return node.inputs[0]
    case (.abs, .neg), (.square, .neg), (.square, .abs):
      return graph.append(Unary(function), inputs, node.outputs[0], inPlaceOf: node)
    default: return nil
    }
  }

  private func simplified(_ function: BinaryFunction, _ node: Node, _ graph: inout GraphRewriter) -> ValueID?
  {
    let (x, y) = (node.inputs[0], node.inputs[1])
    let output = node.outputs[0]
    if x == y, function == .maximum || function == .minimum { return x }
    if let same = kept(by: function, node, graph) { return same }
    let isMinusOne = [x, y].map { graph.nodes[$0.node].uniformConstant == -1 }
    switch function {
    case .mul, .div:
      for (operand, isNegated) in [(x, isMinusOne[1]), (y, isMinusOne[0] && function == .mul)]
      where isNegated && graph.type(of: operand) == output {
        return graph.append(Unary(.neg), [operand], output, inPlaceOf: node)
      }
      if let left = graph.negated(x), let right = graph.negated(y), output.dtype.isFloatingPoint {
        return graph.append(Binary(function), [left, right], output, inPlaceOf: node)
      }
      return function == .div ? multiplied(node, &graph) : nil
    case .add:
      if let right = graph.negated(y) {
        return graph.append(Binary(.sub), [x, right], output, inPlaceOf: node)
      }
      return graph.negated(x).map { graph.append(Binary(.sub), [y, $0], output, inPlaceOf: node) }
    case .sub:
      return graph.negated(y).map { graph.append(Binary(.add), [x, $0], output, inPlaceOf: node) }
    default: return nil
    }
  }

  /// The operand that a sum with nothing, or a first power, is.
  private func kept(by function: BinaryFunction, _ node: Node, _ graph: GraphRewriter) -> ValueID? {
    let isInteger = node.outputs[0].dtype.isInteger
    for (position, operand) in node.inputs.enumerated() where graph.type(of: operand) == node.outputs[0] {
      guard let number = graph.nodes[node.inputs[1 - position].node].uniformConstant else { continue }
      if function == .add, number == 0, isInteger || number.sign == .minus { return operand }
      if function == .pow, position == 0, number == 1 { return operand }
    }
    return nil
  }

  /// A division by a power of two as a multiplication.
  private func multiplied(_ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    let divisor = graph.nodes[node.inputs[1].node]
    let type = divisor.outputs[0]
    guard let number = divisor.uniformConstant, number.significandWidth == 0,
      number.exponent.magnitude <= (type.dtype == .float32 ? 126 : 1022)
    else { return nil }
    var factor = divisor
    switch (divisor.kind, type.dtype) {
    case (.apply, .float32), (.apply, .float64): factor.kind = .apply(Fill(type: type, value: 1 / number))
    case (.constant, .float32):
      guard let tensor = try? Tensor([Float(1 / number)], shape: type.shape) else { return nil }
      factor.kind = .constant(tensor)
    case (.constant, .float64):
      guard let tensor = try? Tensor([1 / number], shape: type.shape) else { return nil }
      factor.kind = .constant(tensor)
    default: return nil
    }
    let inverse = graph.append(factor)[0]
    return graph.append(Binary(.mul), [node.inputs[0], inverse], node.outputs[0], inPlaceOf: node)
  }

  private func simplifiedChoice(_ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    let output = node.outputs[0]
    func chosen(_ value: ValueID) -> ValueID {
      graph.type(of: value) == output
        ? value : graph.append(BroadcastTo(shape: output.shape), [value], output, inPlaceOf: node)
    }
    if node.inputs[1] == node.inputs[2] { return chosen(node.inputs[1]) }
    let mask = graph.nodes[node.inputs[0].node]
    if case .constant(let tensor) = mask.kind, 1...Self.comparedElements ~= tensor.elementCount {
      let (holds, fails) = tensor.withUnsafeBytes { bytes in
        (bytes.allSatisfy { $0 != 0 }, bytes.allSatisfy { $0 == 0 })
      }
      if holds || fails { return chosen(node.inputs[holds ? 1 : 2]) }
    } else if let number = mask.uniformConstant {
      return chosen(node.inputs[number != 0 ? 1 : 2])
    }
    guard let positive = graph.negatedMask(node.inputs[0]) else { return nil }
    return graph.append(Where(), [positive, node.inputs[2], node.inputs[1]], output, inPlaceOf: node)
  }

  private func simplified(_ cast: Cast, _ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    guard let (maker, inputs) = graph.maker(of: node.inputs[0]), let inner = maker as? Cast else {
      return nil
    }
    let origin = graph.type(of: inputs[0])
    guard origin.dtype.isContained(in: inner.dtype) else { return nil }
    if origin == node.outputs[0] { return inputs[0] }
    return graph.append(cast, inputs, node.outputs[0], inPlaceOf: node)
  }
}

extension GraphRewriter {
  /// What a value is the negative of.
  fileprivate func negated(_ id: ValueID) -> ValueID? {
    guard let (applied, inputs) = maker(of: id), (applied as? Unary)?.function == .neg else { return nil }
    return inputs[0]
  }

  /// What a mask is the opposite of.
  fileprivate func negatedMask(_ id: ValueID) -> ValueID? {
    guard let (applied, inputs) = maker(of: id), (applied as? Logical)?.function == .not else { return nil }
    return inputs[0]
  }
}

extension DType {
  /// Whether each of this type's numbers is one of another type's, so that converting there loses nothing.
  fileprivate func isContained(in other: DType) -> Bool {
    switch (self, other) {
    case (.bool, _), (.float32, .float64), (.int32, .int64), (.int32, .float64): true
    default: self == other
    }
  }
}
