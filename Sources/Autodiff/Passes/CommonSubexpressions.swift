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

  private struct Key: Hashable {
    var name: String
    var attributes: [Attribute]
    var inputs: [ValueID]
    var outputs: [TensorType]
    var bytes: [UInt8]
  }

  /// The graph with every such value computed once.
  public func run(_ graph: Graph) -> Graph {
    var known: [Key: [ValueID]] = [:]
    var rewriter = GraphRewriter(graph)
    return rewriter.rewrite { rewriter, node in
      guard let key = key(of: node) else { return nil }
      if let first = known[key] { return first }
      let outputs = rewriter.append(node)
      known[key] = outputs
      return outputs
    }
  }

  private func key(of node: Node) -> Key? {
    switch node.kind {
    case .input, .state: return nil
    case .constant(let tensor):
      guard tensor.type.byteCount <= Self.comparedBytes else { return nil }
      return Key(
        name: "constant", attributes: [], inputs: [], outputs: node.outputs,
        bytes: tensor.withUnsafeBytes { Array($0) })
    case .apply(let applied):
      // The operator's type is part of its identity: operators of different makers may share a name.
      return Key(
        name: "\(type(of: applied)).\(applied.name)", attributes: applied.attributes, inputs: node.inputs,
        outputs: node.outputs, bytes: [])
    }
  }
}
