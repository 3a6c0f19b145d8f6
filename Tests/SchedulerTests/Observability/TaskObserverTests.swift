import Testing
import TributaryScheduler
import TributaryTestSupport

@Suite(.serialized) struct TaskObserverTests {
  struct Boom: Error {}

  /// Keeps what it is told, and whether that makes sense.
  final class Recorder: TaskObserver {
    struct Contents {
      var runs: [UInt64: ObservedRun] = [:]
      var openRuns: Set<UInt64> = []
      var running: [ObservedTask: Int] = [:]
      var ended: [String: Int] = [:]
      var errors: [String] = []
      var failures: [RunFailure.Code] = []
      var tasksRun = 0
      var complaints: [String] = []
    }
    let contents = Locked(Contents())

    func runBegan(_ run: ObservedRun) {
      contents.withLock {
        if $0.runs.updateValue(run, forKey: run.id) != nil {
          $0.complaints.append("run \(run.id) began twice")
        }
        $0.openRuns.insert(run.id)
        if let parent = run.parent, !$0.openRuns.contains(parent) {
          $0.complaints.append("no parent is open")
        }
      }
    }

    func runEnded(_ run: ObservedRun, report: RunReport, failure: RunFailure.Code?) {
      contents.withLock {
        if $0.openRuns.remove(run.id) == nil {
          $0.complaints.append("run \(run.id) ended without a beginning")
        }
        if $0.running.contains(where: { $0.key.run == run.id && $0.value > 0 }) {
          $0.complaints.append("run \(run.id) ended before a task of it")
        }
        $0.tasksRun += report.tasksRun
        if let failure { $0.failures.append(failure) }
      }
    }

    func taskBegan(_ task: ObservedTask) {
      contents.withLock {
        if !$0.openRuns.contains(task.run) { $0.complaints.append("\(task) began outside its run") }
        $0.running[task, default: 0] += 1
      }
    }

    func taskEnded(_ task: ObservedTask, error: (any Error)?) {
      contents.withLock {
        $0.running[task, default: 0] -= 1
        if $0.running[task] ?? -1 < 0 { $0.complaints.append("\(task) ended without a beginning") }
        $0.ended[task.name, default: 0] += 1
        if error != nil { $0.errors.append(task.name) }
      }
    }

    /// Everything so far, checked to be whole.
    func take() -> Contents {
      contents.withLock { contents in
        if !contents.openRuns.isEmpty { contents.complaints.append("a run has not ended") }
        if contents.running.values.contains(where: { $0 != 0 }) {
          contents.complaints.append("a task has not ended")
        }
        defer { contents = Contents() }
        return contents
      }
    }
  }

  @Test func everyTaskAndRunIsToldOnce() throws {
    for sharing in [GraphExecutor.Sharing.always, .whenWorthwhile, .never] {
      for workers in testedWorkerCounts {
        let (whole, single) = (Recorder(), Recorder())
        let executor = try GraphExecutor(.init(workers: workers, sharing: sharing, observer: whole))
        try withWatchdog(executor) {
          let semaphore = TaskSemaphore(2)
          let script = try ScriptedGraph(
            seed: 4, tasks: 150, features: [.conditions, .semaphores], semaphores: [semaphore])
          for round in 0..<4 {
            script.prepare(round: round)
            let isSingle = round % 2 == 1
            try executor.run(script.graph, options: RunOptions(observer: isSingle ? single : nil))
            for recorder in isSingle ? [whole, single] : [whole] {
              let told = recorder.take()
              #expect(told.complaints == [])
              #expect(told.runs.values.map(\.graphName) == ["script"])
              #expect(Set(told.ended.keys) == Set((0..<150).filter { script.expected[$0] }.map { "t\($0)" }))
              #expect(told.ended.values.allSatisfy { $0 == 1 })
              #expect(told.tasksRun == 150)
            }
            #expect(single.take().runs.isEmpty)
          }
        }
      }
    }
  }

  @Test func nestedRunsAndGroupsAreToldWithTheirNames() throws {
    try withEveryWorkerCount { executor in
      let recorder = Recorder()
      var inner = TaskGraphBuilder(name: "inner")
      inner.add("leaf") { _ in }
      let innerGraph = try inner.build()
      var outer = TaskGraphBuilder(name: "outer")
      outer.add("nests") { context in
        try context.run(innerGraph)
        try executor.run(innerGraph)
        try context.parallelFor(0..<5, grain: 1) { _, context in try context.run(innerGraph) }
      }
      outer.add("groups") { context in
        try context.withTaskGroup { group in
          let first = group.add("dynamic") { group in try group.context.run(innerGraph) }
          group.add("after", after: first) { _ in }
          group.add { _ in }
        }
      }
      try executor.run(try outer.build(), options: RunOptions(observer: recorder))
      let told = recorder.take()
      #expect(told.complaints == [])
      #expect(told.ended["leaf"] == 8)
      #expect(told.ended["nests"] == 1 && told.ended["groups"] == 1)
      #expect(told.ended["dynamic"] == 1 && told.ended["after"] == 1 && told.ended[""] == 1)
      let outerRun = told.runs.values.first { $0.parent == nil }
      #expect(outerRun?.graphName == "outer")
      #expect(told.runs.values.count { $0.parent == outerRun?.id && $0.graphName == "inner" } == 7)
      #expect(told.runs.values.count { $0.parent == outerRun?.id && $0.graphName == "outer" } == 1)
    }
  }

  @Test func errorsAndFailuresAreTold() async throws {
    let recorder = Recorder()
    let executor = try GraphExecutor(.init(workers: 3, sharing: .always, observer: recorder))
    var dag = TaskGraphBuilder(name: "fragile")
    let bad = dag.add("bad") { _ in throw Boom() }
    dag.add("late", after: bad) { _ in }
    let graph = try dag.build()
    await #expect(throws: RunFailure.self) { try await executor.run(graph) }
    let told = recorder.take()
    #expect(told.complaints == [])
    #expect(told.errors == ["bad"] && told.failures == [.taskFailed])
    #expect(told.ended == ["bad": 1])
    executor.shutdown()
    await #expect(throws: RunFailure.self) { try await executor.run(graph) }
    #expect(recorder.take().runs.isEmpty)
  }
}
