internal import TributaryMeasuring
internal import TributaryScheduler
internal import TributaryTestSupport

/// Equal clients that run the same graph back to back on one executor: each must complete at least 0.8 / k of all runs.
enum FairShares {
  /// The least share of one of equal clients, as a part of its due.
  static let least = 0.8

  /// Lets a random number of clients run a random graph for so many seconds.
  static func run(seconds: Double, on executor: GraphExecutor, using random: inout SplitMix64) throws -> Int {
    let clients = Int.random(in: 2...8, using: &random)
    let tasks = [1, 8, 64].randomElement(using: &random) ?? 8
    let graph = try graph(tasks: tasks)
    let end = ContinuousClock.now + .seconds(seconds)
    let counts = try SideBySide.run(clients) { _ in
      var done = 0
      while ContinuousClock.now < end {
        _ = try executor.run(graph)
        done += 1
      }
      return done
    }
    let all = counts.reduce(0, +)
    let smallest = counts.min() ?? 0
    guard Double(smallest) >= least / Double(clients) * Double(all) else {
      throw BenchError(
        "of \(clients) equal clients with \(tasks) tasks one completed \(smallest) of \(all) runs: \(counts)")
    }
    return all * tasks
  }

  private static func graph(tasks: Int) throws -> TaskGraph {
    var builder = TaskGraphBuilder(name: "share")
    for task in 0..<tasks {
      let delay = Delays.Delay.spin(2000)
      builder.add("t\(task)", after: task == 0 ? [] : [TaskID(0)], cost: .unknown) { _ in delay.spend() }
    }
    return try builder.build()
  }
}
