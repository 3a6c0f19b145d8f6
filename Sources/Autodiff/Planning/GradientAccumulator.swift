internal import TributaryOps

/// Decides in which order the contributions to a value are added, for every value to which more than one is made: the
/// gradient of a weight used twice, the cotangent of a value read by several operators.
///
/// The reverse walk leaves one `Accumulate` node with k inputs. This is the one place where such a node gets its form:
///
/// - **Chain.** A contribution that is a matrix product, read by nobody else, is added by the product itself: it takes
///   the sum so far as a third input and overwrites it (`beta = 1` of a BLAS), so no buffer and no pass of its
///   own. Products join chains in the order in which the backward pass makes them. A product that would wait for
///   a chain longer than it takes itself opens a new chain, up to ``maximumChains``.
/// - **Fold.** A chain begins on top of another contribution that is there by then or soon; and up to ``maximumFold`` values
///   that remain are added in one pass by one `Accumulate` node.
/// - **Combine.** More than that are added by a balanced binary tree of two-input nodes, neighbours in the order of
///   production first, each computing left + right in place on left. An inner node is an ordinary task with two
///   dependencies: whoever counts its dependency counter down to zero goes on with the addition, the other worker
///   is long busy elsewhere. Nobody waits, nobody locks.
///
/// Cutting comes later and follows: an accumulating product takes the cuts of a product that it adds to, an addition those of
/// its first cut input, so contributions to one value are cut on the same ranges and a shard waits for shards.
///
/// **Why the bits are always the same.** After the rewrite every addition is a node with named operands in a fixed
/// order, or a product with a named third operand; no two nodes write one value, and a node that overwrites its
/// operand comes after all that read it. So each intermediate sum is a function of the values of its operands, by
/// induction along the order of the graph every value is a function of feeds, states and constants, and the
/// schedule decides only when a node runs. The rewrite itself reads nothing but the graph and the static cost model.
/// **Why there is no circle.** A chained product depends on products with smaller node numbers only, and a tree's node
/// follows its operands; all edges of the result lead forward.
struct GradientAccumulator {
  /// The largest number of chains for one value.
  static let maximumChains = 8

  /// The largest number of values added in one pass.
  static let maximumFold = 4

  private let graph: Graph
  private var readerCount: [Int] = []
  /// For each node the earliest end with any number of workers, in seconds, and its own seconds.
  private var finish: [Double] = []
  private var seconds: [Double] = []
  /// New nodes by the node after which they come; they are numbered from the graph's count on.
  private var inserted: [(after: Int, node: Node)] = []
  /// What each node reads from now on, products their third operand; nil where nothing changes.
  private var operands: [[ValueID]?]
  /// What stands for a node that turned out to be one of its inputs.
  private var replacement: [ValueID?]
  /// The first output of each node in `readerCount`.
  private var firstOutput: [Int] = []

  private init(_ graph: Graph) {
    self.graph = graph
    operands = Array(repeating: nil, count: graph.nodes.count)
    replacement = Array(repeating: nil, count: graph.nodes.count)
  }

  /// The graph with every `Accumulate` node in its final form. O(nodes) and O(k · chains) for k contributions.
  static func rewrite(_ graph: Graph) -> Graph {
    let sums = graph.nodes.indices.filter { graph.nodes[$0].applies(Accumulate.self) }
    guard !sums.isEmpty else { return graph }
    var accumulator = GradientAccumulator(graph)
    accumulator.measure()
    for node in sums where graph.nodes[node].inputs.count > 1 { accumulator.rewrite(node) }
    return accumulator.rebuilt()
  }

  private mutating func measure() {
    finish = Array(repeating: 0, count: graph.nodes.count)
    seconds = finish
    var isAwaiting = OperatorTypeMemo.awaiting
    for index in graph.nodes.indices {
      firstOutput.append(readerCount.count)
      for _ in graph.nodes[index].outputs { readerCount.append(0) }
      guard let (applied, inputs) = graph.nodes[index].application(&isAwaiting) else { continue }
      // Awaited values are left out: what is computed again must not change how sums are made.
      for input in inputs {
        readerCount[number(input)] += 1
        finish[index] = max(finish[index], finish[input.node])
      }
      let signature = Signature(
        inputs: inputs.map { graph.type(of: $0) }, outputs: graph.nodes[index].outputs)
      if applied.viewOffset(signature) == nil { seconds[index] = CostModel.seconds(applied, signature) }
      finish[index] += seconds[index]
    }
    for fetch in graph.fetches {
      if case .value(let id) = fetch { readerCount[number(id)] += 1 }
    }
    for assignment in graph.assignments { readerCount[number(assignment.value)] += 1 }
  }

  private func number(_ id: ValueID) -> Int { firstOutput[id.node] + id.output }

  private func isProduct(_ id: ValueID, _ type: TensorType) -> Bool {
    guard let product = graph.nodes[id.node].appliedOperator as? MatMul else { return false }
    return !product.accumulating && readerCount[number(id)] == 1 && graph.type(of: id) == type
  }

  private mutating func rewrite(_ sum: Int) {
    let type = graph.nodes[sum].outputs[0]
    let contributions = graph.nodes[sum].inputs
    let products = contributions.filter { isProduct($0, type) }.sorted()
    var values = contributions.filter { !isProduct($0, type) }
    values += chain(products, onto: &values)
    values.sort()
    if values.count == 1 {
      replacement[sum] = values[0]
      finish[sum] = finish[values[0].node]
      return
    }
    while values.count > GradientAccumulator.maximumFold { values = combine(values, sum) }
    if values != contributions { operands[sum] = values }
  }

  /// Lets products add to each other and to other contributions, which are then taken out; the ends of the chains.
  private mutating func chain(_ products: [ValueID], onto others: inout [ValueID]) -> [ValueID] {
    var ends: [ValueID] = []
    for product in products {
      let own = seconds[product.node]
      let ready = finish[product.node] - own
      let byEnd = ends.indices.sorted { finish[ends[$0].node] < finish[ends[$1].node] }
      var chosen = byEnd.last { finish[ends[$0].node] <= ready } ?? byEnd.first
      if let end = chosen, finish[ends[end].node] > ready + own,
        ends.count < GradientAccumulator.maximumChains
      {
        chosen = nil
      }
      if let chosen {
        finish[product.node] = max(ready, finish[ends[chosen].node]) + own
        accumulate(product, onto: ends[chosen])
        ends[chosen] = product
      } else {
        if let other = others.firstIndex(where: { $0.node < product.node && finish[$0.node] <= ready + own })
        {
          finish[product.node] = max(ready, finish[others[other].node]) + own
          accumulate(product, onto: others[other])
          others.remove(at: other)
        }
        ends.append(product)
      }
    }
    return ends
  }

  private mutating func accumulate(_ product: ValueID, onto sum: ValueID) {
    operands[product.node] = graph.nodes[product.node].inputs + [sum]
  }

  /// One level of the tree: neighbours are added, an odd one is passed on.
  private mutating func combine(_ values: [ValueID], _ sum: Int) -> [ValueID] {
    stride(from: 0, to: values.count, by: 2).map { index in
      guard index + 1 < values.count else { return values[index] }
      let pair = [values[index], values[index + 1]]
      let after = pair.map {
        $0.node < graph.nodes.count ? $0.node : inserted[$0.node - graph.nodes.count].after
      }
      var node = graph.nodes[sum]
      node.kind = .apply(Accumulate())
      node.inputs = pair
      inserted.append((after.max() ?? sum, node))
      return ValueID(node: graph.nodes.count + inserted.count - 1)
    }
  }

  /// Puts the new nodes in their places and renumbers.
  private func rebuilt() -> Graph {
    let count = graph.nodes.count
    var number = [Int](repeating: -1, count: count + inserted.count)
    var nodes: [Node] = []
    nodes.reserveCapacity(number.count)
    let byPlace = inserted.indices.sorted { (inserted[$0].after, $0) < (inserted[$1].after, $1) }
    func resolved(_ id: ValueID) -> ValueID {
      var id = id
      while id.node < count, let other = replacement[id.node] { id = other }
      return ValueID(node: number[id.node], output: id.output)
    }
    func add(_ node: Node, _ old: Int) {
      var node = node
      if old < count, let read = operands[old] {
        node.inputs = read
        if let product = node.appliedOperator as? MatMul {
          node.kind = .apply(
            MatMul(transposeA: product.transposeA, transposeB: product.transposeB, accumulating: true))
        }
      }
      if node.inputs.contains(where: { resolved($0) != $0 }) { node.inputs = node.inputs.map(resolved) }
      number[old] = nodes.count
      nodes.append(node)
    }
    var next = 0
    for index in 0..<count {
      if replacement[index] == nil { add(graph.nodes[index], index) }
      while next < byPlace.count, inserted[byPlace[next]].after == index {
        add(inserted[byPlace[next]].node, count + byPlace[next])
        next += 1
      }
    }
    return Graph(
      nodes: nodes, states: graph.states,
      fetches: graph.fetches.map { if case .value(let id) = $0 { .value(resolved(id)) } else { $0 } },
      assignments: graph.assignments.map { Assignment(state: $0.state, value: resolved($0.value)) })
  }
}
