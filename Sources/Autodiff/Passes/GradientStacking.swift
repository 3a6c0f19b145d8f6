internal import TributaryOps

/// Adds up contributions to a weight's gradient inside products over stacked rows.
///
/// ```
/// %8 = matmul(%0, %4) {transpose_a: true}                     %0 … %3: [32, 64]
/// %9 = matmul(%1, %5) {transpose_a: true}                     %4 … %7: [32, 128]
/// …
/// %12 = accumulate(%8, %9, %10, %11)
///
/// %8 = concat(%0, %1, %2, %3) {axis: 0}
/// %9 = concat(%4, %5, %6, %7) {axis: 0}
/// %12 = matmul(%8, %9) {transpose_a: true}
/// ```
///
/// For a weight that many small products share, as a recurrent net's steps do: x₁ᵀ·g₁ + x₂ᵀ·g₂ is one product whose inner
/// length is the sum of theirs, and an offset's gradient is one sum over the same stack. Rows that adjoin already are not copied.
/// Fewer than four contributions are left to be added one by one. A stack is closed at 256 rows, or at 128 where the
/// cotangents are 256 wide or more, so that its copies stay in the cache and the gradient is made while the walk back goes on.
///
/// Median milliseconds a step with and without this pass and ``ProductStacking``, at 1 and 2 threads of an AMD EPYC with AVX-512,
/// the best of four rounds, from which the lengths were chosen. Other programs ran beside: at 2 threads rounds differed by half
/// and more, and at 1 thread an earlier sitting of five had `rnn` 2 % slower with 256 rows than without.
///
///               without        128 rows       256 rows
///     rnn     1.20 / 0.82    1.22 / 0.81    1.20 / 0.79
///     lstm    2.72 / 1.70    2.58 / 1.67    2.61 / 1.79
///
/// **The order of additions changes**: within a stack the rows are added in order, the latest contribution's first, in place of
/// sums of sums. The results differ by rounding, and are the same at every thread count.
public struct GradientStacking: Pass {
  /// The number of rows at which a stack is closed, by the columns of the cotangents.
  static func rows(columns: Int) -> Int { columns < 256 ? 256 : 128 }

  /// The most rows of a product that is stacked.
  static let largest = 64

  /// The fewest contributions that are stacked.
  static let fewest = 4

  /// The pass.
  public init() {}

  /// `gradient-stacking`.
  public var name: String { "gradient-stacking" }

  /// False: contributions are added in another order.
  public var keepsBits: Bool { false }

  /// The graph with contributions stacked.
  ///
  /// - Complexity: O(nodes + k·log k) for k contributions.
  public func run(_ graph: Graph) -> Graph {
    guard graph.nodes.contains(where: { $0.applies(Accumulate.self) }) else { return graph }
    let stacks = GradientStacks(graph)
    guard !stacks.isEmpty else { return graph }
    var copies: [[ValueID]: ValueID] = [:]
    var rewriter = GraphRewriter(graph)
    var index = -1
    return rewriter.rewrite { rewriter, node in
      index += 1
      if node.applies(Accumulate.self) {
        let kept = node.inputs.indices.filter { !stacks.isAbsorbed(graph.nodes[index].inputs[$0].node) }
        guard kept.count < node.inputs.count else { return nil }
        var sum = node
        sum.inputs = kept.map { node.inputs[$0] }
        return kept.count == 1 ? sum.inputs : rewriter.append(sum)
      }
      guard let members = stacks.stack(endingAt: index) else { return nil }
      var whole = node
      for operand in node.inputs.indices {
        let matrices = members.map { rewriter.mapped(graph.nodes[$0].inputs[operand]) }
        let known = copies[matrices]
        let stacked = known ?? rewriter.stacked(matrices, inPlaceOf: node)
        copies[matrices] = stacked
        whole.inputs[operand] = stacked
      }
      return rewriter.append(whole)
    }
  }
}

/// Which contributions to sums are put into one.
private struct GradientStacks {
  /// The nodes of each stack, in the order in which their rows are stacked, by the last of them in the graph.
  private var stacks: [Int: [Int]] = [:]

  /// The nodes that the last of their stack stands for.
  private var absorbed: Set<Int> = []

  init(_ graph: Graph) {
    let readers = NodeReaders(graph)
    let sums = graph.nodes.filter { $0.applies(Accumulate.self) && $0.inputs.count > 1 }
    var cotangents: Set<[ValueID]> = []
    func add(_ contributions: [Int], onlyIf holds: ([ValueID]) -> Bool) {
      for stack in GradientStacks.cut(contributions, graph) {
        let operands = stack.compactMap { graph.nodes[$0].inputs.last }
        guard holds(operands), let last = stack.max() else { continue }
        stacks[last] = stack
        absorbed.formUnion(stack.filter { $0 != last })
        cotangents.insert(operands)
      }
    }
    for sum in sums {
      add(sum.inputs.map(\.node).filter { readers.only(of: $0) != nil && graph.isRowProduct($0) }) { _ in true
      }
    }
    // Sums of columns gain by it where the rows are stacked anyway.
    for sum in sums {
      add(sum.inputs.map(\.node).filter { readers.only(of: $0) != nil && graph.isColumnSum($0) }) {
        cotangents.contains($0)
      }
    }
  }

  var isEmpty: Bool { stacks.isEmpty }

  func stack(endingAt node: Int) -> [Int]? { stacks[node] }

  func isAbsorbed(_ node: Int) -> Bool { absorbed.contains(node) }

  /// Contributions in stacks of enough rows, the last first: the walk back comes to a net's first step last.
  private static func cut(_ contributions: [Int], _ graph: Graph) -> [[Int]] {
    guard contributions.count >= GradientStacking.fewest else { return [] }
    func cotangent(_ node: Int) -> ValueID { graph.nodes[node].inputs[graph.nodes[node].inputs.count - 1] }
    let most = GradientStacking.rows(columns: graph.type(of: cotangent(contributions[0])).shape[1])
    var stacks: [[Int]] = [[]]
    var rows = 0
    for node in contributions.sorted(by: >) {
      if rows >= most {
        stacks.append([])
        rows = 0
      }
      stacks[stacks.count - 1].append(node)
      rows += graph.type(of: cotangent(node)).shape[0]
    }
    return stacks.filter { $0.count > 1 }
  }
}

extension Graph {
  /// Whether a node is xᵀ·g of few rows.
  fileprivate func isRowProduct(_ index: Int) -> Bool {
    guard let product = nodes[index].appliedOperator as? MatMul, product.transposeA, !product.transposeB,
      !product.accumulating, nodes[index].outputs[0].rank == 2, nodes[index].outputs[0].elementCount > 0
    else { return false }
    let left = type(of: nodes[index].inputs[0]).shape
    return left.rank == 2 && type(of: nodes[index].inputs[1]).rank == 2
      && 1...GradientStacking.largest ~= left[0]
  }

  /// Whether a node sums the columns of a matrix.
  fileprivate func isColumnSum(_ index: Int) -> Bool {
    guard let reduce = nodes[index].appliedOperator as? Reduce, reduce.function == .sum, reduce.axes == [0]
    else { return false }
    return type(of: nodes[index].inputs[0]).rank == 2
  }
}
