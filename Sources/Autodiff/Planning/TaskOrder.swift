/// Which tasks are known to precede which, for tasks visited in an order that respects all edges.
///
/// The tasks are covered by chains, each totally ordered, and every task knows how far along each chain its
/// ancestors reach. With more than ``chainLimit`` chains at once the rest is not known and answers are "no", which
/// costs a superfluous edge and nothing else. Memory O(tasks · chains), time O(edges · chains).
struct TaskOrder {
  /// The largest number of chains.
  static let chainLimit = 64

  private var chain: [Int32]
  private var place: [Int32]
  private var length: [Int32] = []
  /// For each task and chain, how many of the chain's tasks are ancestors or the task itself.
  private var reach: [Int32]
  private let width: Int

  /// Knows nothing yet of `count` tasks.
  init(count: Int) {
    width = min(TaskOrder.chainLimit, max(count, 1))
    chain = Array(repeating: -1, count: count)
    place = Array(repeating: 0, count: count)
    reach = Array(repeating: 0, count: count * width)
  }

  /// Adds a predecessor, already closed, to a task that is not.
  mutating func add(_ before: Int, to after: Int) {
    let width = width
    let chains = length.count
    reach.withUnsafeMutableBufferPointer { reach in
      for index in 0..<chains {
        reach[after * width + index] = max(reach[after * width + index], reach[before * width + index])
      }
    }
  }

  /// Whether a closed task is known to precede another.
  func precedes(_ before: Int, _ after: Int) -> Bool {
    let chain = chain[before]
    return chain >= 0 && reach[after * width + Int(chain)] > place[before]
  }

  /// Ends the adding of predecessors to a task: it continues a chain or begins one.
  mutating func close(_ task: Int) {
    var chosen = length.indices.first { length[$0] > 0 && reach[task * width + $0] == length[$0] }
    if chosen == nil, length.count < width {
      chosen = length.count
      length.append(0)
    }
    guard let chosen else { return }
    chain[task] = Int32(chosen)
    place[task] = length[chosen]
    length[chosen] += 1
    reach[task * width + chosen] = length[chosen]
  }
}
