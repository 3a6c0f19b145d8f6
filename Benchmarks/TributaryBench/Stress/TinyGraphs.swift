internal import TributaryScheduler
internal import TributaryTestSupport

/// Small graphs run many times over, so that run states change hands while late thieves are still about.
enum TinyGraphs {
  /// Runs of one case.
  static let rounds = 10_000

  /// A graph of a few tasks, every run of which must be right.
  static func runBackToBack(on executor: GraphExecutor, using random: inout SplitMix64) throws -> Int {
    let graphs = try (0..<2).map { _ in
      let shape = RandomShape(.random, most: 6, using: &random)
      return try StressGraph(.random, shape, delays: .none, using: &random)
    }
    return try Disturber.disturbing(seed: random.next()) {
      try alternately(graphs, rounds: rounds, on: executor)
    }
  }

  /// A graph whose layers have 1 and 64 tasks in turn, so that workers sleep and are woken all the time.
  static func runAlternatingWidths(on executor: GraphExecutor, using random: inout SplitMix64) throws -> Int {
    let shape = RandomShape(fansOf: 64, count: 10 * 65)
    let graph = try StressGraph(.fan, shape, delays: .none, using: &random)
    return try Disturber.disturbing(seed: random.next()) {
      try alternately([graph], rounds: rounds / 100, on: executor)
    }
  }

  private static func alternately(_ graphs: [StressGraph], rounds: Int, on executor: GraphExecutor) throws
    -> Int
  {
    var tasks = 0
    for round in 0..<rounds {
      let graph = graphs[round % graphs.count]
      graph.prepare()
      tasks += try StressCase.check(try executor.run(graph.graph), graph)
    }
    return tasks
  }
}
