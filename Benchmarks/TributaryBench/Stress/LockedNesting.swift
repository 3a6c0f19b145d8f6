internal import Foundation
internal import Synchronization
internal import TributaryScheduler
internal import TributaryTestSupport

/// Bodies that hold a lock of their own around a parallel loop and around a nested run, level below level.
///
/// All tasks of a level want the level's lock. A thread that waited for its loop under the lock and meanwhile ran another task of
/// the level would wait for itself; that it runs tasks of the loop alone is what is tested.
final class LockedNesting: Sendable {
  /// The deepest nesting.
  static let mostLevels = 64

  private let graphs: Mutex<[TaskGraph]> = Mutex([])
  private let locks: [NSLock]
  private let sum = Atomic(0)

  /// Builds and runs a nest of a random depth.
  static func run(on executor: GraphExecutor, using random: inout SplitMix64) throws -> Int {
    let levels = Int.random(in: 1...mostLevels, using: &random)
    return try LockedNesting(levels: levels).run(on: executor)
  }

  private init(levels: Int) throws {
    locks = (0..<levels).map { _ in NSLock() }
    var built: [TaskGraph] = []
    for level in 0..<levels {
      var builder = TaskGraphBuilder(name: "level \(level)")
      for task in 0..<3 {
        builder.add("t\(task)", after: [], cost: .unknown) { [unowned(unsafe) self] context in
          try self.perform(level, task, context)
        }
      }
      built.append(try builder.build())
    }
    let complete = built
    graphs.withLock { $0 = complete }
  }

  private func perform(_ level: Int, _ task: Int, _ context: borrowing TaskContext) throws {
    locks[level].lock()
    defer { locks[level].unlock() }
    try context.parallelFor(0..<20, grain: 3) { range in
      // ORDERING: relaxed; read when the run is over.
      sum.wrappingAdd(range.count, ordering: .relaxed)
    }
    if task == 0, level + 1 < locks.count {
      let next = graphs.withLock { $0[level + 1] }
      _ = try context.run(next)
    }
  }

  private func run(on executor: GraphExecutor) throws -> Int {
    let first = graphs.withLock { $0[0] }
    _ = try executor.run(first)
    let done = sum.exchange(0, ordering: .relaxed)
    guard done == locks.count * 60 else {
      throw BenchError("the loops of \(locks.count) levels did \(done) of \(locks.count * 60) rounds")
    }
    graphs.withLock { $0 = [] }
    return locks.count * 3
  }
}
