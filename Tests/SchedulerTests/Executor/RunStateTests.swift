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

  /// So many graphs of `tasks` tasks, each run inside the one before.
  private func nest(_ depth: Int, of tasks: Int) throws -> TaskGraph {
    try (1..<depth).reduce(try graph(tasks)) { inner, _ in try graph(tasks, nesting: inner) }
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
    // As many graphs at a time as states are kept, all large: later runs find large states only.
    try executor.run(try nest(16, of: 8192))
    #expect(rooms(of: executor) == [Int](repeating: 8192, count: 16))
    try executor.run(try graph(2048))
    #expect(rooms(of: executor).allSatisfy { $0 == 8192 })
    try executor.run(try graph(2047))
    #expect(rooms(of: executor).sorted() == [2047] + [Int](repeating: 8192, count: 15))
  }

  @Test("states that serve no run any more give their memory back", arguments: [1, 3, 32])
  func idleStatesAreEmptied(workers: Int) throws {
    let executor = try GraphExecutor(workers: workers)
    defer { executor.shutdown() }
    executor.core.pointee.idleLimit = .max
    let deep = try nest(40, of: 300)
    try executor.run(deep)
    #expect(rooms(of: executor).filter { $0 == 300 }.count == 40)
    // Nothing was idle for so long, and a graph that ran before looks for nothing.
    try executor.run(try graph(2))
    executor.core.pointee.idleLimit = 0
    try executor.run(deep)
    #expect(rooms(of: executor).filter { $0 == 300 }.count == 40)
    try executor.run(try graph(3))
    // A thread that is still inside a state keeps it.
    #expect((1...workers).contains(rooms(of: executor).filter { $0 > 0 }.count))
    // What is kept and what comes anew serves as ever.
    for _ in 0..<3 { try executor.run(deep) }
    #expect(rooms(of: executor).filter { $0 == 300 }.count >= 40)
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
