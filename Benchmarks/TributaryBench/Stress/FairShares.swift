internal import Foundation
internal import Synchronization
internal import TributaryScheduler
internal import TributaryTestSupport

/// Equal clients that run the same graph back to back on one executor: each must complete at least 0.8 / k of all runs.
final class FairShares: Sendable {
  /// The least share of one of equal clients, as a part of its due.
  static let least = 0.8

  private let graph: TaskGraph
  private let executor: GraphExecutor
  private let isOver = Atomic(false)
  private let counts: Mutex<[Int]>
  private let mistake = Mutex<(any Error)?>(nil)

  /// Lets a random number of clients run a random graph for so many seconds.
  static func run(seconds: Double, on executor: GraphExecutor, using random: inout SplitMix64) throws -> Int {
    let clients = Int.random(in: 2...8, using: &random)
    let tasks = [1, 8, 64].randomElement(using: &random) ?? 8
    let shares = try FairShares(clients: clients, tasks: tasks, on: executor)
    let counts = try shares.count(seconds: seconds)
    let all = counts.reduce(0, +)
    let smallest = counts.min() ?? 0
    guard Double(smallest) >= least / Double(clients) * Double(all) else {
      throw BenchError(
        "of \(clients) equal clients with \(tasks) tasks one completed \(smallest) of \(all) runs: \(counts)")
    }
    return all * tasks
  }

  private init(clients: Int, tasks: Int, on executor: GraphExecutor) throws {
    self.executor = executor
    counts = Mutex(Array(repeating: 0, count: clients))
    var builder = TaskGraphBuilder(name: "share")
    for task in 0..<tasks {
      let delay = Delays.Delay.spin(2000)
      builder.add("t\(task)", after: task == 0 ? [] : [TaskID(0)], cost: .unknown) { _ in delay.spend() }
    }
    graph = try builder.build()
  }

  /// How many runs each client completes.
  private func count(seconds: Double) throws -> [Int] {
    let clients = counts.withLock { $0.count }
    let group = DispatchGroup()
    for client in 0..<clients {
      group.enter()
      Thread.detachNewThread {
        self.serve(client)
        group.leave()
      }
    }
    Thread.sleep(forTimeInterval: seconds)
    isOver.store(true, ordering: .relaxed)
    group.wait()
    if let error = mistake.withLock({ $0 }) { throw error }
    return counts.withLock { $0 }
  }

  private func serve(_ client: Int) {
    var done = 0
    do {
      while !isOver.load(ordering: .relaxed) {
        _ = try executor.run(graph)
        done += 1
      }
    } catch {
      mistake.withLock { $0 = error }
    }
    counts.withLock { $0[client] = done }
  }
}
