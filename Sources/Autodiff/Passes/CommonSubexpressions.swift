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

  /// A constant, with all its bytes.
  private struct ConstantKey: Hashable {
    var type: TensorType
    var bytes: [UInt8]
  }

  /// An operator applied, told from the others of its Swift type on the same inputs.
  private struct IdentifiedKey: Hashable {
    /// The first node with these inputs and types.
    var node: Int
    var applied: OperatorIdentity
  }

  /// The graph with every such value computed once.
  public func run(_ graph: Graph) -> Graph {
    var constants: [ConstantKey: Int] = [:]
    var table = NodeTable(capacity: graph.nodes.count)
    var identified: [IdentifiedKey: Int] = [:]
    var isIdentified: Set<Int> = []
    var rewriter = GraphRewriter(graph)
    return rewriter.rewrite { rewriter, node in
      switch node.kind {
      case .input, .state: return nil
      case .constant(let tensor):
        guard tensor.type.byteCount <= Self.comparedBytes else { return nil }
        let key = ConstantKey(type: tensor.type, bytes: tensor.withUnsafeBytes { Array($0) })
        if let known = constants[key] { return rewriter.outputs(of: known) }
        constants[key] = rewriter.count
        return nil
      case .apply(let applied):
        // Identities are looked at only where all else is equal: they take longer.
        guard let first = table.findOrAdd(node, applied, rewriter) else { return nil }
        if isIdentified.insert(first).inserted, let other = rewriter.nodes[first].appliedOperator {
          identified[IdentifiedKey(node: first, applied: OperatorIdentity(other))] = first
        }
        let key = IdentifiedKey(node: first, applied: OperatorIdentity(applied))
        if let known = identified[key] { return rewriter.outputs(of: known) }
        identified[key] = rewriter.count
        return nil
      }
    }
  }
}

/// The first of the nodes that have the Swift type of the operator, inputs and output types in common.
///
/// A hash table of node numbers, chained: a dictionary would keep copies of what it compares.
private struct NodeTable {
  private struct Entry {
    var hash: UInt
    var node: Int32
    var next: Int32
  }

  private var heads: [Int32]
  private var entries: [Entry] = []

  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    heads = Array(repeating: -1, count: size)
    entries.reserveCapacity(capacity)
  }

  /// The node that was added first of those like this one; where there is none, nil, and it is added as the next node.
  mutating func findOrAdd(_ node: Node, _ applied: any Operator, _ graph: GraphRewriter) -> Int? {
    let hash = NodeTable.hash(node, applied)
    let slot = Int(hash & UInt(heads.count - 1))
    var next = heads[slot]
    while next >= 0 {
      let entry = entries[Int(next)]
      if entry.hash == hash, isAlike(node, applied, graph.nodes[Int(entry.node)]) { return Int(entry.node) }
      next = entry.next
    }
    entries.append(Entry(hash: hash, node: Int32(graph.count), next: heads[slot]))
    heads[slot] = Int32(entries.count - 1)
    return nil
  }

  private func isAlike(_ node: Node, _ applied: any Operator, _ other: Node) -> Bool {
    // Operators of different makers may share a name.
    guard case .apply(let known) = other.kind, type(of: known) == type(of: applied) else { return false }
    return node.inputs == other.inputs && node.outputs == other.outputs
  }

  private static func hash(_ node: Node, _ applied: any Operator) -> UInt {
    var hash = UInt(bitPattern: ObjectIdentifier(type(of: applied)))
    // Fibonacci hashing, the high bits folded back.
    func mix(_ number: Int) {
      hash = (hash ^ UInt(bitPattern: number)) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 29
    }
    for input in node.inputs { mix(input.node << 8 ^ input.output) }
    for type in node.outputs {
      mix(Int(type.dtype.rawValue))
      for length in type.shape { mix(length) }
    }
    return hash
  }
}
