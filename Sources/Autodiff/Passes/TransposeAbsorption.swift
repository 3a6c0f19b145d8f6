internal import TributaryOps

/// Takes transposes into what reads or makes them, so that no element is moved.
///
/// ```
/// %2 = transpose(%1) {permutation: [1, 0]}
/// %3 = relu(%2)
/// %4 = matmul(%0, %3)
///
/// %2 = relu(%1)
/// %4 = matmul(%0, %2) {transpose_b: true}
/// ```
///
/// - A matrix product reads an operand whose last two axes were swapped as it was before, and swaps them itself.
/// - A product that is read only with its last two axes swapped, perhaps behind elementwise operators, is computed so:
///   (a·b)ᵀ = bᵀ·aᵀ.
/// - Elementwise operators work before a transpose where all that read the result would take the transpose in:
///   products, and transposes that undo it.
/// - A transpose that moves nothing but axes of length 1 is a reshape, and so are two that undo each other with a reshape
///   between them that only adds or drops such axes.
///
/// Elements are multiplied and added as before, so values keep their bits. Except: products of a single row or column, which our own
/// kernel adds up in another order when an operand is transposed, and products by OpenBLAS, on processors without AVX2. They differ
/// by rounding.
public struct TransposeAbsorption: Pass {
  /// The pass.
  public init() {}

  /// `transposes`.
  public var name: String { "transposes" }

  /// False: products of vectors may be added up in another order.
  public var keepsBits: Bool { false }

  /// The graph with fewer transposes.
  ///
  /// - Complexity: O(nodes).
  public func run(_ graph: Graph) -> Graph {
    guard graph.nodes.contains(where: { $0.applies(Transpose.self) }) else { return graph }
    let uses = TransposeUses(graph)
    var rewriter = GraphRewriter(graph)
    var index = -1
    return rewriter.rewrite { rewriter, node in
      index += 1
      guard case .apply(let applied) = node.kind else { return nil }
      if let transpose = applied as? Transpose { return replaced(transpose, node, &rewriter).map { [$0] } }
      if let product = applied as? MatMul {
        return absorbed(product, node, swapped: uses.saves(at: index), &rewriter).map { [$0] }
      }
      guard worksElementwise(applied), let permutation = uses.permutation(at: index) else { return nil }
      return sunk(applied, permutation, node, &rewriter).map { [$0] }
    }
  }

  /// What stands for a transpose that need not be one.
  private func replaced(_ transpose: Transpose, _ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    let input = node.inputs[0]
    let output = node.outputs[0]
    if transpose.keepsOrder(of: graph.type(of: input).shape) {
      return reshaped(input, output, node, &graph)
    }
    guard let (applied, inputs) = graph.maker(of: input) else { return nil }
    if let first = applied as? Transpose {
      let permutation = transpose.permutation.map { first.permutation[$0] }
      return permutation == permutation.sorted() ? inputs[0] : nil
    }
    guard applied is Reshape, let (maker, origin) = graph.maker(of: inputs[0]),
      let first = maker as? Transpose
    else { return nil }
    let start = graph.type(of: origin[0]).shape
    let middle = graph.type(of: input).shape
    // The axes longer than 1, by their place in the value that all starts from.
    let kept = first.permutation.filter { start[$0] != 1 }
    let places = middle.indices.filter { middle[$0] != 1 }
    guard kept.map({ start[$0] }) == places.map({ middle[$0] }) else { return nil }
    let order = transpose.permutation.filter { middle[$0] != 1 }.compactMap { axis in
      places.firstIndex(of: axis).map { kept[$0] }
    }
    return order == order.sorted() ? reshaped(origin[0], output, node, &graph) : nil
  }

  private func reshaped(_ value: ValueID, _ type: TensorType, _ node: Node, _ graph: inout GraphRewriter)
    -> ValueID
  {
    graph.type(of: value) == type
      ? value : graph.append(Reshape(shape: type.shape), [value], type, inPlaceOf: node)
  }

  /// The product that swaps axes of its operands itself, and is computed swapped where that is asked for; nil where
  /// nothing changes.
  private func absorbed(_ product: MatMul, _ node: Node, swapped: Bool, _ graph: inout GraphRewriter)
    -> ValueID?
  {
    var flags = [product.transposeA, product.transposeB]
    var result = node
    for operand in 0...1 {
      guard let (applied, inputs) = graph.maker(of: node.inputs[operand]),
        let transpose = applied as? Transpose,
        transpose.permutation == Transpose.swap(rank: transpose.permutation.count)
      else { continue }
      flags[operand].toggle()
      result.inputs[operand] = inputs[0]
    }
    let isSwapped = swapped && !product.accumulating
    guard isSwapped || result.inputs != node.inputs else { return nil }
    result.kind = .apply(
      MatMul(transposeA: flags[0], transposeB: flags[1], accumulating: product.accumulating))
    guard isSwapped else { return graph.append(result)[0] }
    let output = node.outputs[0]
    let permutation = Transpose.swap(rank: output.rank)
    result.kind = .apply(MatMul(transposeA: !flags[1], transposeB: !flags[0]))
    result.inputs = [result.inputs[1], result.inputs[0]]
    result.outputs = [TensorType(output.dtype, Shape(permutation.map { output.shape[$0] }))]
    let value = graph.append(result)[0]
    return graph.append(Transpose(permutation: permutation), [value], output, inPlaceOf: node)
  }

  /// An elementwise operator on what its operands were before a transpose, and the transpose after it.
  private func sunk(
    _ applied: any Operator, _ permutation: [Int], _ node: Node, _ graph: inout GraphRewriter
  ) -> ValueID? {
    let output = node.outputs[0]
    var inner = node
    var shape: Shape?
    for (position, input) in node.inputs.enumerated() {
      if let (maker, origin) = graph.maker(of: input), let transpose = maker as? Transpose,
        transpose.permutation == permutation, graph.type(of: input).shape == output.shape
      {
        inner.inputs[position] = origin[0]
        shape = graph.type(of: origin[0]).shape
      } else if graph.type(of: input).elementCount != 1 {
        return nil
      }
    }
    guard let shape else { return nil }
    inner.outputs = [TensorType(output.dtype, shape)]
    let value = graph.append(inner)[0]
    return graph.append(Transpose(permutation: permutation), [value], output, inPlaceOf: node)
  }
}

extension Transpose {
  /// The permutation that swaps the last two of some axes.
  static func swap(rank: Int) -> [Int] {
    var permutation = Array(0..<rank)
    if rank >= 2 { permutation.swapAt(rank - 2, rank - 1) }
    return permutation
  }

  /// Whether the axes longer than 1 stay in their order, so that nothing moves.
  fileprivate func keepsOrder(of shape: Shape) -> Bool {
    let moved = permutation.filter { shape[$0] != 1 }
    return moved == moved.sorted()
  }
}

/// Whether an operator computes each element from the elements at the same place.
private func worksElementwise(_ applied: any Operator) -> Bool {
  let kind = type(of: applied)
  return kind == Unary.self || kind == Binary.self || kind == Parametric.self || kind == Cast.self
    || kind == Where.self || kind == Compare.self
}

/// Which transpose of each node's value all that read it would take in.
private struct TransposeUses {
  private enum Wanted {
    case unknown
    case refused
    /// A permutation, and whether a transpose is saved by it.
    case transposed([Int], saves: Bool)
  }

  /// For each node.
  private var wanted: [Wanted]

  init(_ graph: Graph) {
    wanted = Array(repeating: .unknown, count: graph.nodes.count)
    for fetch in graph.fetches { if case .value(let id) = fetch { wanted[id.node] = .refused } }
    for assignment in graph.assignments { wanted[assignment.value.node] = .refused }
    for index in graph.nodes.indices.reversed() {
      let node = graph.nodes[index]
      for (position, input) in node.inputs.enumerated() {
        note(input, use(of: graph.type(of: input), as: position, by: index, graph))
      }
    }
  }

  /// The permutation of a node's value that its readers would take in.
  func permutation(at node: Int) -> [Int]? {
    if case .transposed(let permutation, _) = wanted[node] { permutation } else { nil }
  }

  /// Whether a transpose is saved if a node's value comes transposed.
  func saves(at node: Int) -> Bool { if case .transposed(_, true) = wanted[node] { true } else { false } }

  private mutating func note(_ id: ValueID, _ use: Wanted) {
    switch (wanted[id.node], use) {
    case (.unknown, _): wanted[id.node] = use
    case (.transposed(let known, let saves), .transposed(let permutation, let savesToo))
    where known == permutation:
      if savesToo, !saves { wanted[id.node] = use }
    default: wanted[id.node] = .refused
    }
  }

  /// What a node would take in for an operand.
  private func use(of operand: TensorType, as position: Int, by index: Int, _ graph: Graph) -> Wanted {
    let node = graph.nodes[index]
    guard case .apply(let applied) = node.kind, node.outputs.count == 1 else { return .refused }
    let kind = type(of: applied)
    if kind == MatMul.self {
      return position < 2 ? .transposed(Transpose.swap(rank: operand.rank), saves: false) : .refused
    }
    if let transpose = applied as? Transpose {
      guard !transpose.keepsOrder(of: operand.shape) else { return .refused }
      var inverse = transpose.permutation
      for (place, axis) in transpose.permutation.enumerated() { inverse[axis] = place }
      return .transposed(inverse, saves: true)
    }
    guard worksElementwise(applied), operand.shape == node.outputs[0].shape,
      let permutation = permutation(at: index)
    else {
      return .refused
    }
    // Of several operands that are no single numbers, another might not come transposed.
    let isAlone = node.inputs.allSatisfy {
      $0 == node.inputs[position] || graph.type(of: $0).elementCount == 1
    }
    return .transposed(permutation, saves: isAlone && saves(at: index))
  }
}
