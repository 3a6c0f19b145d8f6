internal import TributaryOps
internal import TributaryScheduler

extension Executable {
  /// The bytes that the executable keeps as long as it lives: graph, plan, kernels, task graph, constants, and what earlier
  /// runs left for later ones (tables of addresses and scratch). Arenas belong to an ``ArenaPool``, states to a
  /// ``ParameterStore``.
  ///
  /// Counted from the sizes of all tables; what lies behind operators and kernels is estimated. What the executable shares with
  /// its builder or with others is counted too. For 216 executables of a small training step the heap held 19.4 MB, of which this
  /// counts 16.8.
  /// - Complexity: O(operators + tasks + edges) the first time.
  public var residentBytes: Int { fixedBytes + idleBytes }

  /// The bytes that do not change.
  func countedBytes() -> Int {
    var count = ByteCount()
    count.add(graph.nodes)
    // The builder keeps all that it made, nodes that no fetch needs among them.
    if let builder { count.add(builder.nodes.suffix(max(0, builder.nodeCount - graph.nodes.count))) }
    count.add(plan)
    count.add(program.entries)
    count.add(bytes: program.instructionBytes)
    count.add(blocks: program.kernelCount, of: ByteCount.kernelBytes)
    for patches in [[patches.arena], patches.feeds, patches.fetches, patches.states, patches.constants] {
      for entries in patches { count.add(entries) }
    }
    count.add(bytes: taskGraph.byteCount)
    return count.total
  }
}

/// Adds up the memory behind values.
private struct ByteCount {
  /// The bytes of a kernel's closure and of what it is bound to. Untuned.
  static let kernelBytes = 512
  /// What the heap adds to a block, on average.
  private static let blockBytes = 16
  /// The header of an array or an object, that of the heap included.
  private static let headerBytes = 32 + blockBytes
  /// The parts of a node with their header.
  private static let nodeBytes = 112 + blockBytes

  private(set) var total = 0

  mutating func add(bytes: Int) { total += bytes }

  mutating func add(blocks: Int, of bytes: Int) { total += blocks * (bytes + ByteCount.blockBytes) }

  mutating func add<Element>(_ array: [Element]) {
    guard array.capacity > 0 else { return }
    total += ByteCount.headerBytes + array.capacity * MemoryLayout<Element>.stride
  }

  mutating func add(_ text: String) {
    // Up to 15 bytes are kept in place.
    if text.utf8.count > 15 { total += ByteCount.headerBytes + text.utf8.count }
  }

  mutating func add(_ nodes: some Collection<Node>) {
    total += ByteCount.headerBytes + nodes.count * MemoryLayout<Node>.stride
    for node in nodes {
      total += ByteCount.nodeBytes
      add(node.inputs)
      add(node.outputs)
      add(node.name)
      switch node.kind {
      case .apply(let applied): add(operator: applied)
      case .constant(let tensor): add(bytes: tensor.type.byteCount)
      case .input, .state: break
      }
    }
  }

  /// Operators that do not fit into the three words of an existential lie in blocks of their own.
  private mutating func add(operator applied: some Operator) {
    let size = MemoryLayout.size(ofValue: applied)
    if size > 3 * MemoryLayout<Int>.size { add(blocks: 1, of: 16 + size) }
    if let nesting = applied as? any NestingOperator {
      for body in nesting.bodies { add(bytes: body.residentBytes) }
    }
  }

  mutating func add(_ plan: Plan) {
    let graph = plan.graph
    add(graph.steps)
    for step in graph.steps {
      add(step.inputs)
      add(step.signature.inputs)
    }
    add(graph.values)
    add(graph.feeds)
    add(plan.units.step)
    add(plan.units.regions)
    add(plan.units.seconds)
    add(plan.units.units)
    add(plan.units.firstPredecessor)
    add(plan.units.predecessors)
    add(plan.tasks.task)
    add(plan.tasks.firstUnit)
    add(plan.tasks.units)
    add(plan.tasks.firstPredecessor)
    add(plan.tasks.predecessors)
    add(plan.tasks.seconds)
    add(plan.buffer)
    add(plan.bufferOffset)
    add(plan.memoryPredecessors)
    for predecessors in plan.memoryPredecessors { add(predecessors) }
  }
}
