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

  @Test("a state that is many times too large shrinks; one that is a little too large is kept")
  func statesShrink() throws {
    let executor = try GraphExecutor(workers: 1)
    defer { executor.shutdown() }
    // More graphs at a time than states are kept, all large: later runs find large states only.
    var nest = try graph(8192)
    for _ in 0..<20 { nest = try graph(8192, nesting: nest) }
    try executor.run(nest)
    #expect(rooms(of: executor).allSatisfy { $0 == 8192 })
    let count = rooms(of: executor).count
    try executor.run(try graph(2048))
    #expect(rooms(of: executor).allSatisfy { $0 == 8192 })
    try executor.run(try graph(2047))
    #expect(rooms(of: executor).sorted() == [2047] + [Int](repeating: 8192, count: count - 1))
  }

  @Test("runs begin in the first pages of large rings, however many went before", arguments: [2, 3, 8])
  func ringsAreRewound(workers: Int) throws {
    let executor = try GraphExecutor(workers: workers)
    defer { executor.shutdown() }
    var builder = TaskGraphBuilder()
    let sum = Atomic<Int>(0)
    for task in 0..<3000 {
      builder.add("", after: task < 100 ? [] : [TaskID(task % 100)], cost: .microseconds(1000)) {
        _ in sum.wrappingAdd(1, ordering: .relaxed)
      }
    }
    let graph = try builder.build()
    for _ in 0..<50 { try executor.run(graph) }
    #expect(sum.load(ordering: .relaxed) == 50 * 3000)
    var furthest: Int64 = 0
    executor.core.pointee.forEachState { state in
      for slot in 0..<state.pointee.memory.slots {
        // A run pushes at most 3,000 tasks, so its positions lie in the ring's 4,096 cells from a multiple on.
        let ends = state.pointee.memory.deque(slot).ends
        let bottom = ends.pointee.bottom.load(ordering: .relaxed)
        #expect(bottom % 4096 <= 3000)
        furthest = max(furthest, bottom)
      }
    }
    #expect(furthest >= 4096)
  }
}
