internal import TributaryOps

/// Makes one concatenation of the gradients of slices of one value, in place of zeros for each with a slice laid into them, and
/// their sum.
///
/// ```
/// %5 = slice_scatter(%1) {starts: [0, 0], shape: [8, 6]}
/// %6 = slice_scatter(%2) {starts: [0, 4], shape: [8, 6]}
/// %7 = accumulate(%5, %6)                                   %1: [8, 3], %2: [8, 2]
///
/// %5 = fill {value: 0}                                      [8, 1]
/// %7 = concat(%1, %5, %2) {axis: 1}
/// ```
///
/// For slices along one axis that do not overlap; so T slices of one value have a gradient in time linear in its size, not in
/// T times its size. The same bits, but for −0, which stays where zeros would have been added, and for contributions
/// beside the slices: they are fewer, and so may be added in another order.
public struct SliceAssembly: Pass {
  /// The pass.
  public init() {}

  /// `slice-assembly`.
  public var name: String { "slice-assembly" }

  /// The graph with gradients of slices put together.
  ///
  /// - Complexity: O(nodes + k·log k) for k slices of a value.
  public func run(_ graph: Graph) -> Graph {
    guard graph.nodes.contains(where: { $0.applies(SliceScatter.self) }) else { return graph }
    var rewriter = GraphRewriter(graph)
    return rewriter.rewrite { rewriter, node in
      guard node.applies(Accumulate.self) else { return nil }
      let (pieces, axis) = pieces(of: node, rewriter)
      guard pieces.count > 1 else { return nil }
      let joined = concatenation(of: pieces, axis: axis, node, &rewriter)
      let isPiece = Set(pieces.map(\.input))
      var sum = node
      sum.inputs = node.inputs.indices.filter { !isPiece.contains($0) }.map { node.inputs[$0] }
      guard !sum.inputs.isEmpty else { return [joined] }
      sum.inputs.append(joined)
      return rewriter.append(sum)
    }
  }

  /// A contribution that is zero outside a range of one axis.
  private struct Piece {
    /// The position among the contributions.
    let input: Int
    /// What lies in the range.
    let value: ValueID
    let range: Range<Int>
  }

  /// The contributions that can be put side by side, in their order along the axis.
  private func pieces(of node: Node, _ graph: GraphRewriter) -> (pieces: [Piece], axis: Int) {
    var byAxis: [Int: [Piece]] = [:]
    for (input, id) in node.inputs.enumerated() {
      guard let (applied, operands) = graph.maker(of: id), let scatter = applied as? SliceScatter else {
        continue
      }
      let lengths = graph.type(of: operands[0]).shape
      let differing = lengths.indices.filter { lengths[$0] != scatter.shape[$0] }
      guard differing.count == 1, lengths[differing[0]] > 0,
        lengths.indices.allSatisfy({ lengths[$0] == 1 || scatter.steps[$0] == 1 })
      else { continue }
      let start = scatter.starts[differing[0]]
      let range = start..<start + lengths[differing[0]]
      byAxis[differing[0], default: []].append(Piece(input: input, value: operands[0], range: range))
    }
    guard let (axis, candidates) = byAxis.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) })
    else {
      return ([], 0)
    }
    var pieces: [Piece] = []
    for piece in candidates.sorted(by: { ($0.range.lowerBound, $0.input) < ($1.range.lowerBound, $1.input) })
    where piece.range.lowerBound >= pieces.last?.range.upperBound ?? 0 {
      pieces.append(piece)
    }
    return (pieces, axis)
  }

  /// The pieces with zeros between them.
  private func concatenation(of pieces: [Piece], axis: Int, _ node: Node, _ graph: inout GraphRewriter)
    -> ValueID
  {
    let output = node.outputs[0]
    var parts: [ValueID] = []
    func pad(to position: Int, from end: Int, _ graph: inout GraphRewriter) {
      guard position > end else { return }
      var shape = output.shape
      shape[axis] = position - end
      let type = TensorType(output.dtype, shape)
      parts.append(graph.append(Fill(type: type, value: 0), [], type, inPlaceOf: node))
    }
    var end = 0
    for piece in pieces {
      pad(to: piece.range.lowerBound, from: end, &graph)
      parts.append(piece.value)
      end = piece.range.upperBound
    }
    pad(to: output.shape[axis], from: end, &graph)
    return graph.append(Concat(axis: axis), parts, output, inPlaceOf: node)
  }
}
