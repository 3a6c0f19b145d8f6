internal import TributaryTestSupport

/// A random graph by the tasks that come before each; a task comes after tasks of lower number in `order`.
struct RandomShape: Sendable {
  /// The tasks before each task.
  private(set) var predecessors: [[Int]]
  /// The tasks in an order that respects the edges.
  private(set) var order: [Int]

  var taskCount: Int { predecessors.count }

  /// A graph of 1 to `most` tasks whose numbers are shuffled, so that numbers say nothing about the order.
  init(_ kind: StressKind, most: Int, using random: inout SplitMix64) {
    let count = random.logarithmic(most)
    let ordered = RandomShape.before(kind, count, using: &random)
    order = Array(0..<count)
    if random.oneIn(2) { order.shuffle(using: &random) }
    predecessors = [[Int]](repeating: [], count: count)
    for (position, before) in ordered.enumerated() {
      predecessors[order[position]] = before.map { order[$0] }
    }
  }

  /// Layers of one task and of `width` tasks in turn, `count` tasks in all.
  init(fansOf width: Int, count: Int) {
    predecessors = RandomShape.fans(count, width: width)
    order = Array(0..<count)
  }

  /// The tasks before each of `count` tasks, all of lower number.
  private static func before(_ kind: StressKind, _ count: Int, using random: inout SplitMix64) -> [[Int]] {
    switch kind {
    case .chain: return (0..<count).map { $0 == 0 ? [] : [$0 - 1] }
    case .fan: return fans(count, width: random.logarithmic(200))
    case .diamond: return fans(count, width: 2)
    case .layered: return layers(count, using: &random)
    case .independent: return [[Int]](repeating: [], count: count)
    case .random: return anyEdges(count, using: &random)
    default:
      let plain: [StressKind] = [.chain, .fan, .diamond, .layered, .independent, .random]
      return before(plain.randomElement(using: &random) ?? .chain, count, using: &random)
    }
  }

  /// Alternately one task and up to `width` tasks after it that the next single one waits for.
  private static func fans(_ count: Int, width: Int) -> [[Int]] {
    var result: [[Int]] = []
    var last: Int?
    while result.count < count {
      let start = result.count
      result.append(last.map { Array($0..<start) } ?? [])
      for _ in 0..<min(width, count - result.count) { result.append([start]) }
      last = min(start + 1, result.count - 1)
    }
    return result
  }

  private static func layers(_ count: Int, using random: inout SplitMix64) -> [[Int]] {
    let width = random.logarithmic(300)
    let degree = Int.random(in: 1...5, using: &random)
    return (0..<count).map { task in
      let layer = task / width
      guard layer > 0 else { return [] }
      return (0..<degree).map { _ in (layer - 1) * width + Int.random(in: 0..<width, using: &random) }
    }
  }

  private static func anyEdges(_ count: Int, using random: inout SplitMix64) -> [[Int]] {
    let degree = Int.random(in: 0...6, using: &random)
    return (0..<count).map { task in
      task == 0 ? [] : (0..<degree).map { _ in Int.random(in: 0..<task, using: &random) }
    }
  }
}
