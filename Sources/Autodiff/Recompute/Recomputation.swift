internal import Synchronization
internal import TributaryOps

/// The second computations that one reverse walk makes of the nodes within `recompute`.
///
/// When the walk first comes to a node of a region, all operators of the region are built again, those of inner regions
/// too. An operator that reads none of these copies is built as an `Awaiting`: it waits for the cotangents that have
/// arrived and for the first computation, so that the copies are neither merged with the originals nor computed early.
/// Those built after it wait through their operands. Copies that no rule reads are dead and are not computed.
///
/// A rule sees a value by the copy of the innermost region that holds both the value and the node of the rule. Inner
/// regions begin later than outer ones and read the outer ones' copies, so that values of an inner region in an outer
/// copy die early as well.
struct Recomputation {
  private let builder: GraphBuilder

  /// The innermost region around each node that has one.
  private let regions: [Int: RecomputedRegion]

  /// The nodes of each region, inner regions' included; found at the first use.
  private var members: [ObjectIdentifier: [Int]] = [:]

  /// For each region that the walk has come to, its values that were built again.
  private var copies: [ObjectIdentifier: [ValueID: Value]] = [:]

  init(_ builder: GraphBuilder) {
    self.builder = builder
    regions = builder.contents.withLock { $0.regions }
  }

  /// Prepares the rule of a node: builds copies of the regions around it that have none, the outermost first.
  /// - Parameters:
  ///   - outputs: The node's results.
  ///   - cotangents: The cotangents of the results that have arrived.
  mutating func enter(_ node: Int, outputs: [Value], after cotangents: [Value]) {
    guard let innermost = regions[node] else { return }
    for region in innermost.outwards.reversed() where copies[ObjectIdentifier(region)] == nil {
      let awaited = cotangents + outputs.map { value($0, within: region.parent) }
      copies[ObjectIdentifier(region)] = copy(region, after: awaited.filter { !$0.isPoisoned }.map(\.id))
    }
  }

  /// A value as the rule of a node is to see it.
  func value(_ value: Value, readBy node: Int) -> Value {
    regions.isEmpty ? value : self.value(value, within: regions[node])
  }

  /// A value as a node of a region is to see it.
  private func value(_ value: Value, within region: RecomputedRegion?) -> Value {
    guard let region, let home = regions[value.id.node] else { return value }
    let around = home.outwards
    for shared in region.outwards where around.contains(where: { $0 === shared }) {
      if let copy = copies[ObjectIdentifier(shared)]?[value.id] { return copy }
    }
    return value
  }

  private mutating func copy(_ region: RecomputedRegion, after awaited: [ValueID]) -> [ValueID: Value] {
    let indices = members(of: region)
    let nodes = builder.contents.withLock { contents in indices.map { contents.nodes[$0] } }
    var copies: [ValueID: Value] = [:]
    for (index, node) in zip(indices, nodes) {
      guard case .apply(var applied) = node.kind else { continue }
      let isBehindCopies = node.inputs.contains { copies[$0] != nil }
      var inputs = node.inputs.map { id in copies[id]?.id ?? outer(id, region) }
      if !isBehindCopies {
        // A view of what is kept takes no memory.
        if node.outputs.count == 1, applied.viewOffset(signature(of: node)) != nil { continue }
        applied = applied.awaiting(awaited.count)
        inputs += awaited
      }
      let outputs = BuildContext.$current.withValue(BuildContext(deriving: "recompute", of: node)) {
        builder.append(.apply(applied), inputs, node.outputs, name: applied.name, .unknown)
      }
      for (output, copy) in outputs.enumerated() { copies[ValueID(node: index, output: output)] = copy }
    }
    return copies
  }

  /// A value from outside a region, or one that is not built again, as the region is to see it.
  private func outer(_ id: ValueID, _ region: RecomputedRegion) -> ValueID {
    value(Value(builder: builder, id: id, type: Value.poisonedType), within: region.parent).id
  }

  private func signature(of node: Node) -> Signature {
    builder.contents.withLock { contents in
      Signature(
        inputs: node.inputs.map { contents.nodes[$0.node].outputs[$0.output] }, outputs: node.outputs)
    }
  }

  private mutating func members(of region: RecomputedRegion) -> [Int] {
    if members.isEmpty {
      for (node, innermost) in regions {
        for region in innermost.outwards { members[ObjectIdentifier(region), default: []].append(node) }
      }
    }
    return (members[ObjectIdentifier(region)] ?? []).sorted()
  }
}
