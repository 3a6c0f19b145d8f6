import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite struct TaskGraphBuilderTests {
  @Test func buildsRowsAndCounts() throws {
    var builder = TaskGraphBuilder(name: "diamond")
    let a = builder.add("a") { _ in }
    let b = builder.add("b", after: a) { _ in }
    let c = builder.add("c", after: [a]) { _ in }
    let d = builder.add(after: b, c) { _ in }
    builder.precede(c, d)
    let graph = try builder.build()
    #expect(graph.name == "diamond")
    #expect(graph.taskCount == 4)
    #expect(graph.edgeCount == 4)
    #expect(graph.successors(of: a) == [b, c])
    #expect(graph.successors(of: d) == [])
    #expect([a, b, c, d].map { graph.dependencyCount(of: $0) } == [0, 1, 1, 2])
    #expect(graph.name(of: a) == "a")
    #expect(graph.name(of: d) == "task 3")
  }

  @Test func answersForTasksThatItDoesNotHave() throws {
    let graph = try TaskGraphBuilder().build()
    #expect(graph.name(of: TaskID(7)) == "task 7")
    #expect(graph.successors(of: TaskID(-1)).isEmpty)
    #expect(graph.dependencyCount(of: TaskID(1)) == 0)
    #expect(graph.cost(of: TaskID(1)).seconds == 0)
    #expect(graph.rank(of: TaskID(1)).seconds == 0)
  }

  @Test func mergesEqualEdges() throws {
    var builder = TaskGraphBuilder()
    let a = builder.add { _ in }
    let b = builder.add { _ in }
    for _ in 0..<5 { builder.precede(a, b) }
    let graph = try builder.build()
    #expect(graph.edgeCount == 1)
    #expect(graph.dependencyCount(of: b) == 1)
  }

  @Test func namesACycle() {
    var builder = TaskGraphBuilder(name: "loopy")
    let start = builder.add("start") { _ in }
    let a = builder.add("a", after: start) { _ in }
    let b = builder.add("b", after: a) { _ in }
    let c = builder.add("c", after: b) { _ in }
    builder.add("end", after: c) { _ in }
    builder.precede(c, a)
    let error = #expect(throws: SchedulerError.self) { _ = try builder.build() }
    #expect(error?.code == .cycle)
    #expect(error?.message.contains("loopy") == true)
    let cycles = ["“a” → “b” → “c” → “a”", "“b” → “c” → “a” → “b”", "“c” → “a” → “b” → “c”"]
    #expect(cycles.contains { error?.message.contains($0) == true }, "\(error?.message ?? "")")
    #expect(error?.message.contains("start") == false)
    #expect(error?.message.contains("end”") == false)
  }

  @Test func rejectsSelfEdgesAndUnknownTasks() {
    var selfish = TaskGraphBuilder()
    let a = selfish.add("narcissus") { _ in }
    selfish.precede(a, a)
    let selfError = #expect(throws: SchedulerError.self) { _ = try selfish.build() }
    #expect(selfError?.code == .selfEdge)
    #expect(selfError?.message.contains("narcissus") == true)

    for unknown in [TaskID(1), TaskID(-1), TaskID(Int.max)] {
      var builder = TaskGraphBuilder()
      builder.add("a", after: [unknown]) { _ in }
      if unknown.index == 1 { builder.precede(TaskID(0), TaskID(9)) }
      let error = #expect(throws: SchedulerError.self) { _ = try builder.build() }
      #expect(error?.code == .unknownTask, "\(unknown)")
    }
  }

  @Test func rejectsMoreTasksThanItsLimit() {
    var builder = TaskGraphBuilder(limit: 3)
    for _ in 0..<4 { builder.add { _ in } }
    let error = #expect(throws: SchedulerError.self) { _ = try builder.build() }
    #expect(error?.code == .tooManyTasks)
    #expect(TaskGraphBuilder.maximumTaskCount == 2_147_483_647)
  }

  @Test func ranksAreThePathsBehindATask() throws {
    var builder = TaskGraphBuilder()
    let a = builder.add("a", cost: .microseconds(1)) { _ in }
    let b = builder.add("b", after: a, cost: .microseconds(10)) { _ in }
    let c = builder.add("c", after: a, cost: .microseconds(3)) { _ in }
    let d = builder.add("d", after: b, c, cost: .microseconds(2)) { _ in }
    let graph = try builder.build()
    #expect([a, b, c, d].map { graph.rank(of: $0) } == [13, 12, 5, 2].map { .microseconds($0) })
    #expect(graph.work == .microseconds(16))
    #expect(graph.criticalPath == .microseconds(13))

    try graph.updateCosts([1, 1, 30, 2].map { .microseconds($0) })
    #expect([a, b, c, d].map { graph.rank(of: $0) } == [33, 3, 32, 2].map { .microseconds($0) })
    #expect(graph.cost(of: c) == .microseconds(30))
    #expect(graph.work == .microseconds(34))
    #expect(graph.criticalPath == .microseconds(33))
    let error = #expect(throws: SchedulerError.self) { try graph.updateCosts([.unknown]) }
    #expect(error?.code == .wrongCostCount)
  }

  @Test func costsAreNeverNegativeAndRanksNeverOverflow() throws {
    #expect(TaskCost(seconds: -1).seconds == 0)
    #expect(TaskCost(seconds: .nan).seconds == 0)
    var builder = TaskGraphBuilder()
    var last: [TaskID] = []
    for _ in 0..<8 { last = [builder.add("", after: last, cost: .seconds(.infinity)) { _ in }] }
    let graph = try builder.build()
    #expect(graph.rank(of: TaskID(0)) >= graph.rank(of: TaskID(1)))
    #expect(graph.work >= graph.criticalPath)
  }

  @Test func everyRandomGraphKeepsItsEdges() throws {
    for seed in 0..<30 as Range<UInt64> {
      let dag = RandomDAG(seed: seed, tasks: 120)
      var builder = TaskGraphBuilder()
      for _ in 0..<dag.taskCount { builder.add { _ in } }
      for edge in dag.edges.reversed() { builder.precede(TaskID(edge.from), TaskID(edge.to)) }
      let graph = try builder.build()
      let expected = Set(dag.edges.map { [$0.from, $0.to] })
      var found: Set<[Int]> = []
      for task in 0..<dag.taskCount {
        let row = graph.successors(of: TaskID(task)).map(\.index)
        #expect(row == row.sorted())
        for successor in row { found.insert([task, successor]) }
        #expect(graph.dependencyCount(of: TaskID(task)) == expected.count { $0[1] == task })
      }
      #expect(found == expected)
      #expect(graph.edgeCount == expected.count)
    }
  }
}
