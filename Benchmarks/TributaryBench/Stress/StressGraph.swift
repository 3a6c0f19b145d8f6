internal import Foundation
internal import Synchronization
internal import TributaryScheduler
internal import TributaryTestSupport

/// A task graph that checks itself: each task writes a number made of its predecessors' numbers, in plain memory.
///
/// A task that begins before a predecessor has ended reads another number and so writes a wrong one; a task
/// that runs twice or never is counted. The memory is plain on purpose: if the scheduler did not order the accesses,
/// ThreadSanitizer would say so.
// SAFETY: the arrays are allocated by `init`, freed by `deinit` and never move. `values[t]` is written by task t only
// and read by tasks after it; `round` and `misdeed` are set by whoever runs the graph, while it does not run.
final class StressGraph: @unchecked Sendable {
  /// What goes wrong on purpose in a run.
  enum Misdeed: Sendable {
    /// This task throws.
    case error(task: Int)
    /// This task cancels the run.
    case cancellation(task: Int, CancellationToken)
  }

  /// What a task throws on purpose.
  struct Failure: Error {}

  let shape: RandomShape
  private(set) var graph: TaskGraph
  /// How often the graph has been run, which enters the numbers.
  private var round: UInt64 = 0
  private var misdeed: Misdeed?
  private let values: UnsafeMutablePointer<UInt64>
  private let starts: UnsafeMutablePointer<Atomic<Int>>
  /// Graphs that tasks run, by task.
  private let inner: [Int: StressGraph]
  /// Loops that tasks run, by task: one count for each index.
  private let loops: [Int: (hits: UnsafeMutableBufferPointer<Int>, grain: Int)]

  /// A random graph of up to `most` tasks; nested kinds go `depth` levels deep.
  convenience init(_ kind: StressKind, most: Int, depth: Int = 3, using random: inout SplitMix64) throws {
    let shape = RandomShape(kind, most: most, using: &random)
    try self.init(
      kind, shape, delays: Delays(using: &random), most: most, depth: depth, using: &random)
  }

  /// A graph of a given shape; of nested kinds, with graphs of up to `most` tasks in `depth` levels inside.
  init(
    _ kind: StressKind, _ shape: RandomShape, delays: Delays, most: Int = 0, depth: Int = 0,
    using random: inout SplitMix64
  ) throws {
    self.shape = shape
    values = .allocate(capacity: shape.taskCount)
    values.initialize(repeating: 0, count: shape.taskCount)
    starts = .allocate(capacity: shape.taskCount)
    for task in 0..<shape.taskCount { (starts + task).initialize(to: Atomic(0)) }
    var inner: [Int: StressGraph] = [:]
    var loops: [Int: (hits: UnsafeMutableBufferPointer<Int>, grain: Int)] = [:]
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      let task = Int.random(in: 0..<shape.taskCount, using: &random)
      if kind == .nested, depth > 0 {
        inner[task] = try StressGraph(.nested, most: min(most, 60), depth: depth - 1, using: &random)
      } else if kind == .loop, loops[task] == nil {
        let hits = UnsafeMutableBufferPointer<Int>.allocate(capacity: random.logarithmic(3000))
        hits.initialize(repeating: 0)
        loops[task] = (hits, random.logarithmic(100))
      }
    }
    self.inner = inner
    self.loops = loops
    // The bodies need this object, which needs a graph to be complete: an empty one until the bodies are there.
    graph = try TaskGraphBuilder().build()
    var builder = TaskGraphBuilder(name: "\(kind)")
    for task in 0..<shape.taskCount {
      let delay = delays.next(using: &random)
      builder.add("t\(task)", after: [], cost: .unknown) { [unowned(unsafe) self] context in
        try self.perform(task, delay, context)
      }
    }
    for (task, before) in shape.predecessors.enumerated() {
      for other in before { builder.precede(TaskID(other), TaskID(task)) }
    }
    graph = try builder.build()
  }

  deinit {
    values.deallocate()
    starts.deallocate()
    for loop in loops.values { loop.hits.deallocate() }
  }

  /// Makes ready for the next run, in which the given thing goes wrong.
  func prepare(_ misdeed: Misdeed? = nil) {
    round += 1
    self.misdeed = misdeed
  }

  /// The body of a task.
  private func perform(_ task: Int, _ delay: Delays.Delay, _ context: borrowing TaskContext) throws {
    // ORDERING: relaxed; the counts are read when the run is over.
    starts[task].wrappingAdd(1, ordering: .relaxed)
    switch misdeed {
    case .error(let culprit) where culprit == task: throw Failure()
    case .cancellation(let culprit, let token) where culprit == task: token.cancel()
    default: break
    }
    let value = number(of: task)
    delay.spend()
    if let graph = inner[task] {
      graph.prepare()
      _ = try context.run(graph.graph)
    }
    if let loop = loops[task] {
      // SAFETY: the loop lends each index to one call only, and the run ends after the loop.
      nonisolated(unsafe) let hits = loop.hits
      try context.parallelFor(0..<hits.count, grain: loop.grain) { range in
        for index in range { hits[index] += 1 }
      }
    }
    values[task] = value
  }

  private func number(of task: Int) -> UInt64 {
    shape.predecessors[task].reduce(SplitMix64.mixed(round << 32 | UInt64(task))) { $0 &* 31 &+ values[$1] }
  }

  /// What is wrong after a run that was to succeed, or nil: every task ran once, after its predecessors.
  func mistake() -> String? {
    for task in shape.order {
      // ORDERING: relaxed; the run is over, and its end ordered every count before this.
      let count = starts[task].load(ordering: .relaxed)
      starts[task].store(0, ordering: .relaxed)
      if count != 1 { return "task \(task) of \(shape.taskCount) ran \(count) times in round \(round)" }
      // The predecessors were checked before, so a right number here means that it was made from theirs.
      if values[task] != number(of: task) { return "task \(task) ran before a predecessor in round \(round)" }
      if let wrong = inner[task]?.mistake() { return "in the graph run by task \(task): " + wrong }
      if let loop = loops[task] {
        if let index = loop.hits.firstIndex(where: { $0 != 1 }) {
          return "index \(index) of the loop of task \(task) was visited \(loop.hits[index]) times"
        }
        loop.hits.update(repeating: 0)
      }
    }
    return nil
  }

  /// What is wrong after a run that was to fail, or nil: no task ran twice, none after one that did not end.
  func mistakeAfterMisdeed() -> String? {
    var ended = [Bool](repeating: false, count: shape.taskCount)
    defer { for task in shape.order { starts[task].store(0, ordering: .relaxed) } }
    for task in shape.order {
      // ORDERING: relaxed; as in `mistake`.
      let count = starts[task].load(ordering: .relaxed)
      if count > 1 { return "task \(task) of \(shape.taskCount) ran \(count) times in a failing run" }
      guard count == 1 else { continue }
      if let early = shape.predecessors[task].first(where: { !ended[$0] }) {
        return "task \(task) ran although task \(early) before it had not ended"
      }
      if case .error(task) = misdeed { continue }
      ended[task] = true
      if values[task] != number(of: task) { return "task \(task) ran before a predecessor in a failing run" }
    }
    return nil
  }
}
