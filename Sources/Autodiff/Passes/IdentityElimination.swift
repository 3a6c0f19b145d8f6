internal import TributaryOps

/// Takes out operators that hand on an operand, and moves broadcasts behind elementwise work.
///
/// Only rewritings that keep every bit, subnormal numbers apart, which arithmetic may flush to zero and a handed-on
/// operand is not: x·1, x/1, x−0, but not x+0, which turns −0 into 0. Rules:
/// - reshape, broadcast, cast, transpose, pad, slice, concat and sum that change nothing; `stop_gradient`; accumulate of
///   one value; −(−x), a reshape between them included;
/// - reshape of a reshape; transpose of a transpose; broadcast of a broadcast; slice of a slice, or of one part of a
///   concatenation; a concatenation of neighbouring slices that is the whole;
/// - a reduction over axes of length 1, where −0 is kept, which a sum would turn into 0;
/// - an elementwise operator reads what a broadcast reads, where the other operand gives the shape;
/// - an elementwise operator on broadcasts of one shape and on scalars works on the small values first.
public struct IdentityElimination: Pass {
  /// The pass.
  public init() {}

  /// `identities`.
  public var name: String { "identities" }

  /// The graph without them.
  public func run(_ graph: Graph) -> Graph {
    var rewriter = GraphRewriter(graph)
    return rewriter.rewrite { rewriter, node in
      guard case .apply(let applied) = node.kind, node.outputs.count == 1 else { return nil }
      if let same = operandHandedOn(by: applied, node, rewriter) { return [same] }
      if let merged = merged(applied, node, &rewriter) ?? moved(applied, node, &rewriter) { return [merged] }
      if let narrowed = narrowed(applied, node, &rewriter) { return [narrowed] }
      return nil
    }
  }

  /// The operand that the node's value equals bit for bit.
  private func operandHandedOn(by applied: any Operator, _ node: Node, _ graph: GraphRewriter) -> ValueID? {
    let first = node.inputs.first
    let keepsType = first.map { graph.type(of: $0) == node.outputs[0] } ?? false
    // Comparing types costs a fraction of casting, and most nodes are none of these.
    let kind = type(of: applied)
    if kind == Binary.self, let binary = applied as? Binary { return neutral(binary.function, node, graph) }
    if kind == StopGradient.self { return first }
    if kind == Reshape.self || kind == BroadcastTo.self || kind == Cast.self || kind == Pad.self {
      return keepsType ? first : nil
    }
    if kind == Concat.self || kind == Accumulate.self { return node.inputs.count == 1 ? first : nil }
    if kind == Transpose.self, let transpose = applied as? Transpose {
      return transpose.permutation == Array(0..<transpose.permutation.count) ? first : nil
    }
    if kind == Slice.self, let slice = applied as? Slice {
      return keepsType && slice.steps.allSatisfy { $0 == 1 } ? first : nil
    }
    if kind == Reduce.self, let reduce = applied as? Reduce { return reduce.axes.isEmpty ? first : nil }
    if kind == Unary.self, let unary = applied as? Unary, unary.function == .neg {
      guard let (inner, inputs) = first.flatMap(graph.maker), (inner as? Unary)?.function == .neg else {
        return nil
      }
      return inputs[0]
    }
    return nil
  }

  /// The operand of an arithmetic operator whose other operand is neutral.
  private func neutral(_ function: BinaryFunction, _ node: Node, _ graph: GraphRewriter) -> ValueID? {
    func operand(_ index: Int, whenOtherIs number: Double) -> ValueID? {
      let kept = node.inputs[index]
      let other = graph.nodes[node.inputs[1 - index].node].uniformConstant
      guard let other, other == number, graph.type(of: kept) == node.outputs[0] else { return nil }
      // −0 is equal to 0, and x − (−0) is x + 0.
      return number == 0 && other.sign == .minus ? nil : kept
    }
    switch function {
    case .mul: return operand(0, whenOtherIs: 1) ?? operand(1, whenOtherIs: 1)
    case .div: return operand(0, whenOtherIs: 1)
    case .sub: return operand(0, whenOtherIs: 0)
    default: return nil
    }
  }

  /// Two operators that move data, in one.
  private func merged(_ applied: any Operator, _ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    let kind = type(of: applied)
    guard kind == Reshape.self || kind == Transpose.self, let first = node.inputs.first,
      let (inner, inputs) = graph.maker(of: first), type(of: inner) == kind
    else { return nil }
    if kind == Reshape.self {
      if graph.type(of: inputs[0]) == node.outputs[0] { return inputs[0] }
      return graph.append(applied, inputs, node.outputs[0], inPlaceOf: node)
    }
    if let outer = applied as? Transpose, let inner = inner as? Transpose {
      let permutation = outer.permutation.map { inner.permutation[$0] }
      if permutation == Array(0..<permutation.count) { return inputs[0] }
      return graph.append(Transpose(permutation: permutation), inputs, node.outputs[0], inPlaceOf: node)
    }
    return nil
  }

  /// An elementwise operator that reads before a broadcast in place of after it.
  private func narrowed(_ applied: any Operator, _ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    let kind = type(of: applied)
    guard
      kind == Binary.self || kind == Unary.self || kind == Where.self || kind == Compare.self
        || kind == Cast.self
    else { return nil }
    let output = node.outputs[0]
    func origin(_ id: ValueID) -> ValueID? {
      graph.nodes[id.node].applies(BroadcastTo.self) ? graph.nodes[id.node].inputs[0] : nil
    }
    guard node.inputs.contains(where: { origin($0) != nil }) else { return nil }

    let inputs = node.inputs.map { origin($0) ?? $0 }
    guard let type = result(applied, inputs, graph) else { return nil }
    var small = node
    small.inputs = inputs
    small.outputs = [type]
    if type == output {
      // The other operands give the shape.
      return operandHandedOn(by: applied, small, graph) ?? graph.append(small)[0]
    }
    guard type.elementCount < output.elementCount else { return nil }
    let value = operandHandedOn(by: applied, small, graph) ?? graph.append(small)[0]
    return graph.append(BroadcastTo(shape: output.shape), [value], output, inPlaceOf: node)
  }

  private func result(_ applied: any Operator, _ inputs: [ValueID], _ graph: GraphRewriter) -> TensorType? {
    try? applied.outputTypes(for: inputs.map { graph.type(of: $0) }).first
  }
}
