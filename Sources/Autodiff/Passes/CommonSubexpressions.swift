internal import TributaryOps

/// Computes a value once that several nodes compute alike: the same operator with the same attributes on the same
/// inputs. Equal constants become one.
///
/// Operators are functions of their inputs, so the values are the same bits. Inputs and states are never merged.
public struct CommonSubexpressions: Pass {
  /// The pass.
  public init() {}

  /// `common-subexpressions`.
  public var name: String { "common-subexpressions" }

  /// Constants with more bytes than this are not compared.
  private static let comparedBytes = 4096

  /// What nodes must have in common before their names and attributes are looked at, which takes longer.
  private struct Key: Hashable {
    /// The Swift type of the operator: operators of different makers may share a name.
    var kind: ObjectIdentifier
    var inputs: [ValueID]
    var outputs: [TensorType]
    var bytes: [UInt8]
  }

  private struct Candidate {
    var applied: (any Operator)?
    var outputs: [ValueID]
  }

  /// The graph with every such value computed once.
  public func run(_ graph: Graph) -> Graph {
    var known: [Key: [Candidate]] = [:]
    var rewriter = GraphRewriter(graph)
    return rewriter.rewrite { rewriter, node in
      guard let key = key(of: node) else { return nil }
      let applied = node.appliedOperator
      if let first = known[key]?.first(where: { isEqual($0.applied, applied) }) { return first.outputs }
      let outputs = rewriter.append(node)
      known[key, default: []].append(Candidate(applied: applied, outputs: outputs))
      return outputs
    }
  }

  private func key(of node: Node) -> Key? {
    switch node.kind {
    case .input, .state: return nil
    case .constant(let tensor):
      guard tensor.type.byteCount <= Self.comparedBytes else { return nil }
      return Key(
        kind: ObjectIdentifier(Tensor.self), inputs: [], outputs: node.outputs,
        bytes: tensor.withUnsafeBytes { Array($0) })
    case .apply(let applied):
      return Key(
        kind: ObjectIdentifier(type(of: applied)), inputs: node.inputs, outputs: node.outputs, bytes: [])
    }
  }

  private func isEqual(_ a: (any Operator)?, _ b: (any Operator)?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return a.name == b.name && a.attributes == b.attributes
  }
}
