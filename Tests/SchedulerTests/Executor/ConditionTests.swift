import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite(.serialized) struct ConditionTests {
  struct Boom: Error {}

  /// Which of a graph's tasks ran, by name, in order.
  final class Log: Sendable {
    private let names = Locked<[String]>([])
    func add(_ name: String) { names.withLock { $0.append(name) } }
    func take() -> Set<String> {
      names.withLock { names in
        defer { names = [] }
        return Set(names)
      }
    }
  }

  static let sharings = [GraphExecutor.Sharing.always, .whenWorthwhile, .never]

  @Test func aBranchIsTakenAndTheChainBehindTheOtherSkipped() throws {
    let log = Log()
    let number = SharedCount()
    var dag = TaskGraphBuilder(name: "collatz")
    let load = dag.add("load") { _ in log.add("load") }
    let isEven = dag.addCondition("is even", after: load) { _ in number.value.isMultiple(of: 2) }
    let halve = dag.add("halve", when: isEven.isTrue) { _ in log.add("halve") }
    let triple = dag.add("triple", when: isEven.isFalse) { _ in log.add("triple") }
    let increment = dag.add("increment", after: triple) { _ in log.add("increment") }
    dag.add("join", after: halve, increment) { _ in log.add("join") }
    dag.add("beside", after: isEven.task) { _ in log.add("beside") }
    let graph = try dag.build()
    for sharing in Self.sharings {
      try withEveryWorkerCount(sharing: sharing) { executor in
        for value in 0..<6 {
          number.reset()
          number.add(value)
          let report = try executor.run(graph)
          #expect(report.tasksRun == 7)
          if value.isMultiple(of: 2) {
            #expect(log.take() == ["load", "halve", "join", "beside"])
            #expect(report.tasksSkipped == 2)
          } else {
            #expect(log.take() == ["load", "triple", "increment", "join", "beside"])
            #expect(report.tasksSkipped == 1)
          }
        }
      }
    }
  }

  @Test func conditionsNestAndCombine() throws {
    let log = Log()
    let bits = SharedCount()
    @Sendable func bit(_ index: Int) -> Bool { bits.value >> index & 1 == 1 }
    var dag = TaskGraphBuilder()
    let outer = dag.addCondition("outer") { _ in bit(0) }
    let inner = dag.addCondition("inner", when: [outer.isTrue]) { _ in
      log.add("inner")
      return bit(1)
    }
    let other = dag.addCondition("other", branches: 3) { _ in bit(2) ? 2 : 0 }
    dag.add("innermost", when: inner.isTrue) { _ in log.add("innermost") }
    dag.add("not inner", when: inner.isFalse) { _ in log.add("not inner") }
    dag.add("both", when: outer.isTrue, other.branch(2)) { _ in log.add("both") }
    dag.add("either", when: other.branch(0), other.branch(2)) { _ in log.add("either") }
    dag.add("never", when: other.branch(1)) { _ in log.add("never") }
    dag.add("after inner", after: inner.task) { _ in log.add("after inner") }
    dag.add("join", after: outer.task, inner.task) { _ in log.add("join") }
    let graph = try dag.build()
    for sharing in Self.sharings {
      try withEveryWorkerCount(sharing: sharing) { executor in
        for value in 0..<8 {
          bits.reset()
          bits.add(value)
          let report = try executor.run(graph)
          var expected: Set<String> = ["either", "join"]
          if bit(0) { expected.formUnion(["inner", "after inner", bit(1) ? "innermost" : "not inner"]) }
          if bit(0) && bit(2) { expected.insert("both") }
          #expect(log.take() == expected, "choices \(value)")
          // Three conditions do not all log; tasks that are not skipped are the logged ones and "outer" and "other".
          #expect(report.tasksSkipped == graph.taskCount - expected.count - 2)
        }
      }
    }
  }

  @Test func aNumberThatIsNoBranchFailsTheTask() throws {
    for choice in [-1, 2, Int.max, Int.min] {
      var dag = TaskGraphBuilder()
      let valid = SharedFlag()
      let condition = dag.addCondition("wild", branches: 2) { _ in valid.isSet ? 1 : choice }
      dag.add(when: condition.branch(0)) { _ in Issue.record("not chosen") }
      let graph = try dag.build()
      try withEveryWorkerCount { executor in
        valid.set(false)
        let failure = #expect(throws: RunFailure.self) { try executor.run(graph) }
        #expect(failure?.taskName == "wild")
        let cause = failure?.underlying as? SchedulerError
        #expect(cause?.code == .branchOutOfRange)
        #expect(cause?.message.contains("branch \(choice) of 2") == true)
        valid.set(true)
        let report = try executor.run(graph)
        #expect(report.tasksSkipped == 1)
      }
    }
  }

  @Test func aConditionThatThrowsAfterTheCommitTakesNoBranch() throws {
    try withEveryWorkerCount { executor in
      let log = Log()
      var dag = TaskGraphBuilder()
      let condition = dag.addCondition("fails") { context -> Bool in
        let isCommitted = context.commit()
        #expect(isCommitted)
        throw Boom()
      }
      dag.add(when: condition.isTrue) { _ in log.add("true") }
      dag.add(when: condition.isFalse) { _ in log.add("false") }
      dag.add(after: condition.task) { _ in log.add("after") }
      let graph = try dag.build()
      let failure = #expect(throws: RunFailure.self) { try executor.run(graph) }
      #expect(failure?.committed == true)
      #expect(failure?.report.tasksSkipped == 2)
      #expect(log.take() == ["after"])
    }
  }

  @Test func mistakesAreReportedByTheBuilder() throws {
    func code(_ fill: (inout TaskGraphBuilder) -> Void) -> SchedulerError.Code? {
      var dag = TaskGraphBuilder()
      fill(&dag)
      do { _ = try dag.build() } catch { return error.code }
      return nil
    }
    for count in [0, -3, 64] {
      #expect(code { _ = $0.addCondition(branches: count) { _ in 0 } } == .invalidBranchCount)
    }
    for branch in [-1, 2, 63] {
      let found = code {
        let condition = $0.addCondition(branches: 2) { _ in 0 }
        $0.add(when: condition.branch(branch)) { _ in }
      }
      #expect(found == .unknownBranch)
    }
    let foreign = code {
      let plain = $0.add { _ in }
      $0.add(when: TaskCondition(task: plain, branchCount: 2).isTrue) { _ in }
    }
    #expect(foreign == .unknownBranch)
    let own = code {
      let condition = $0.addCondition { _ in true }
      $0.precede(condition.isTrue, condition.task)
    }
    #expect(own == .selfEdge)
    #expect(code { _ = $0.addCondition(branches: 63) { _ in 62 } } == nil)
  }

  @Test(arguments: sharings) func randomGraphsRunAsTheInterpreterSays(_ sharing: GraphExecutor.Sharing) throws
  {
    try withEveryWorkerCount(sharing: sharing) { executor in
      for seed in 0..<16 as Range<UInt64> {
        let script = try ScriptedGraph(
          seed: seed, tasks: 20 + 12 * Int(seed), features: [.conditions, .nesting])
        for round in 0..<5 {
          script.prepare(round: round)
          let report = try executor.run(script.graph)
          try #require(script.isAsExpected, "seed \(seed), round \(round), \(executor.workerCount) workers")
          #expect(report.tasksSkipped == script.expected.count { !$0 })
        }
      }
    }
  }
}
