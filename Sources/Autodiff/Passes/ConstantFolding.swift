internal import TributaryOps

/// Computes small values now that depend on constants alone.
///
/// They are computed by the same kernels that a run would use. An operator that faults is left for the run to report.
public struct ConstantFolding: Pass {
  /// The most elements that a folded value may have; larger ones are cheaper computed than kept.
  public let maximumElements: Int

  /// The pass.
  public init(maximumElements: Int = 1024) { self.maximumElements = maximumElements }

  /// `constant-folding`.
  public var name: String { "constant-folding" }

  /// The graph with those values as constants.
  public func run(_ graph: Graph) -> Graph {
    var rewriter = GraphRewriter(graph)
    return rewriter.rewrite { rewriter, node in
      guard case .apply(let applied) = node.kind,
        node.inputs.allSatisfy({ rewriter.nodes[$0.node].isConstant }),
        node.outputs.reduce(0, { $0 + $1.elementCount }) <= maximumElements
      else { return nil }
      var operands: [Tensor] = []
      for input in node.inputs {
        guard case .constant(let tensor) = rewriter.nodes[input.node].kind else { return nil }
        operands.append(tensor)
      }
      guard let results = try? applied.evaluate(on: operands) else { return nil }
      return results.map { tensor in
        rewriter.append(
          Node(
            kind: .constant(tensor), inputs: [], outputs: [tensor.type], name: node.name, source: node.source)
        )[0]
      }
    }
  }
}

extension Node {
  /// Whether the node is a constant.
  fileprivate var isConstant: Bool { if case .constant = kind { true } else { false } }
}
