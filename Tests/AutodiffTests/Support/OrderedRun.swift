import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryAutodiff

/// Executors of several widths that open every run to all their threads, made once for all tests.
enum Executors {
  static let one = make(1)
  static let all = [one, make(2), make(3), make(8)]

  private static func make(_ workers: Int) -> GraphExecutor {
    do {
      return try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
    } catch {
      fatalError("\(error)")
    }
  }
}

extension Executable {
  /// One run on one thread in a given order of the tasks, in an arena full of signalling NaNs: whatever reads what was
  /// not written shows.
  func run(
    inOrder order: [Int], _ store: ParameterStore?, feeding feeds: [String: Tensor]
  ) throws -> [Tensor] {
    let chain = try program.taskGraph(
      plan, edges: zip(order, order.dropFirst()).map { (before: $0, after: $1) })
    let lease = try RunLease(self, Executors.one, store, plan.graph.feeds.map { feeds[$0.name]! })
    defer { lease.giveBack() }
    lease.arena.poison()
    return try lease.run { () throws -> RunReport in
      try Executors.one.run(chain, argument: lease.argument)
    }.tensors
  }
}

extension Plan {
  /// A random order of the tasks that respects all edges.
  func randomOrder(using random: inout SplitMix64) -> [Int] {
    var waiting = [Int](repeating: 0, count: taskCount)
    var successors = [[Int]](repeating: [], count: taskCount)
    for edge in edges {
      successors[edge.before].append(edge.after)
      waiting[edge.after] += 1
    }
    var ready = waiting.indices.filter { waiting[$0] == 0 }
    var order: [Int] = []
    // At times the task that has been ready longest, at times any, at times the latest: deep and broad orders both.
    let style = Int.random(in: 0..<3, using: &random)
    while !ready.isEmpty {
      let index = style == 0 ? ready.count - 1 : Int.random(in: 0..<ready.count, using: &random)
      let task = style == 1 ? ready.removeFirst() : ready.remove(at: index)
      order.append(task)
      for successor in successors[task].shuffled(using: &random) {
        waiting[successor] -= 1
        if waiting[successor] == 0 { ready.append(successor) }
      }
    }
    return order
  }

  /// What is wrong with the task graph by an independent judgement.
  var complaints: [String] {
    var tasks: [PlanChecker.Task] = []
    var after = [[Int]](repeating: [], count: taskCount)
    for edge in edges { after[edge.after].append(edge.before) }
    for task in 0..<taskCount {
      let touched = accesses(of: task)
      tasks.append(
        PlanChecker.Task(
          after: after[task],
          reads: touched.reads.map { PlanChecker.Bytes($0.space, $0.offset, $0.byteCount) },
          writes: touched.writes.map { PlanChecker.Bytes($0.space, $0.offset, $0.byteCount) }))
    }
    return PlanChecker(tasks)?.complaints() ?? ["the tasks wait for each other in a circle"]
  }
}
