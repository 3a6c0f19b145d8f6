/// The edges of a random directed acyclic graph, a function of the seed alone.
public struct RandomDAG: Sendable {
  /// How many tasks there are.
  public let taskCount: Int
  /// Pairs of a task and one that must come after it; the first is always smaller. Some occur twice.
  public let edges: [(from: Int, to: Int)]

  /// A graph of one of several forms: a chain, a fan, diamonds, layers, or edges thrown at random.
  ///
  /// - Parameters:
  ///   - seed: what the graph is a function of.
  ///   - tasks: how many tasks it has.
  public init(seed: UInt64, tasks: Int) {
    var random = SplitMix64(seed: seed)
    taskCount = tasks
    var edges: [(from: Int, to: Int)] = []
    let form = Int.random(in: 0..<5, using: &random)
    for task in 1..<max(2, tasks) where task < tasks {
      switch form {
      case 0: edges.append((task - 1, task))
      case 1: edges.append((task % 17 == 0 ? max(0, task - 17) : task - task % 17, task))
      case 2:
        let base = (task - 1) / 4 * 4
        if task % 4 == 0 {
          for inner in base + 1..<task { edges.append((inner, task)) }
        } else {
          edges.append((base, task))
        }
      case 3:
        let width = 8
        if task >= width {
          for _ in 0..<3 {
            edges.append(((task / width - 1) * width + Int.random(in: 0..<width, using: &random), task))
          }
        }
      default:
        for _ in 0..<Int.random(in: 0...4, using: &random) {
          edges.append((Int.random(in: max(0, task - 50)..<task, using: &random), task))
        }
      }
    }
    self.edges = edges
  }
}
