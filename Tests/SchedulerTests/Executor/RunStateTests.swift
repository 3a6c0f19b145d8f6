import Synchronization
import Testing

@testable import TributaryScheduler

@Suite struct RunStateTests {
  /// A graph of empty tasks, of which the first runs another graph.
  private func graph(_ tasks: Int, nesting inner: TaskGraph? = nil) throws -> TaskGraph {
    var builder = TaskGraphBuilder()
    for task in 0..<tasks {
      builder.add { context in
        if task == 0, let inner { try context.run(inner) }
      }
    }
    return try builder.build()
  }

  private func rooms(of executor: GraphExecutor) -> [Int] {
    var rooms: [Int] = []
    executor.core.pointee.forEachState { rooms.append($0.pointee.room.load(ordering: .relaxed)) }
    return rooms
  }

  @Test("as many states grow large as large graphs run at a time")
  func largeGraphsShareTheirStates() throws {
    let executor = try GraphExecutor(workers: 1)
    defer { executor.shutdown() }
    // As many as are kept.
    for tasks in 1...20 { try executor.run(try graph(tasks)) }
    for round in 0..<8 {
      try executor.run(try graph(3 + round, nesting: try graph(5000 + round)))
      try executor.run(try graph(5100 + round, nesting: try graph(4 + round)))
    }
    let rooms = rooms(of: executor)
    #expect(rooms.count == 16)
    #expect(rooms.filter { $0 > 1000 }.count == 1)
  }
}
