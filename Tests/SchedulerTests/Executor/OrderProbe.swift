import Synchronization
import TributaryScheduler
import TributaryTestSupport

/// A graph whose bodies check that each runs exactly once and after its predecessors, in every run.
///
/// Bodies read and write plain memory, so that ThreadSanitizer sees an order that is missing.
final class OrderProbe: @unchecked Sendable {
  // SAFETY: a task's cell is written by its body and read by its successors' only; the graph orders them.
  let runs: UnsafeMutablePointer<Int>
  let violations = Atomic<Int>(0)
  let executed = Atomic<Int>(0)
  let graph: TaskGraph

  /// - Parameter delays: whether some bodies dawdle, by seed.
  init(_ dag: RandomDAG, seed: UInt64, delays: Bool = true) throws {
    let count = dag.taskCount
    let runs = UnsafeMutablePointer<Int>.allocate(capacity: max(1, count))
    runs.initialize(repeating: 0, count: max(1, count))
    self.runs = runs
    var predecessors = [[Int]](repeating: [], count: count)
    for edge in dag.edges { predecessors[edge.to].append(edge.from) }
    var random = SplitMix64(seed: seed)
    var builder = TaskGraphBuilder(name: "probe \(seed)")
    let probe = Unowned()
    for task in 0..<count {
      let mine = predecessors[task]
      let spins =
        delays && Int.random(in: 0..<8, using: &random) == 0 ? Int.random(in: 0..<2000, using: &random) : 0
      builder.add("t\(task)", after: mine.map { TaskID($0) }, cost: .nanoseconds(Double(task % 7) * 100)) {
        _ in
        let probe = probe.value.unsafelyUnwrapped
        let run = probe.runs[task]
        for other in mine where probe.runs[other] != run + 1 {
          probe.violations.wrappingAdd(1, ordering: .relaxed)
        }
        var sum = 0
        for step in 0..<spins { sum &+= step &* step }
        probe.runs[task] = run + 1 + (sum == -1 ? 1 : 0)
        probe.executed.wrappingAdd(1, ordering: .relaxed)
      }
    }
    graph = try builder.build()
    probe.value = self
  }

  deinit { runs.deallocate() }

  /// Whether every task ran so many times, each time after its predecessors.
  func holds(afterRuns count: Int) -> Bool {
    violations.load(ordering: .relaxed) == 0 && executed.load(ordering: .relaxed) == count * graph.taskCount
      && (0..<graph.taskCount).allSatisfy { runs[$0] == count }
  }
}

/// A reference that counts nothing, set once before any body runs.
private final class Unowned: @unchecked Sendable {
  // SAFETY: written before the graph first runs; the probe outlives its graph's runs.
  unowned(unsafe) var value: OrderProbe?
}
