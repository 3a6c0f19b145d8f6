import Foundation
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite(.serialized) struct ObservabilityTests {
  static func diamond(_ body: @escaping TaskGraphBuilder.Body = { _ in }) throws -> TaskGraph {
    var builder = TaskGraphBuilder(name: "dia\"mond")
    let top = builder.add("top", body: body)
    let left = builder.add("left \\ \"quoted\"\n", after: top) { _ in usleep(2_000) }
    let right = builder.add("right", after: top) { _ in }
    builder.add("bottom", after: left, right, body: body)
    return try builder.build()
  }

  @Test func reportsAddUp() throws {
    try withEveryWorkerCount { executor in
      let report = try executor.run(try Self.diamond())
      #expect(report.tasksRun == 4)
      #expect(report.wallSeconds >= 0.002)
      #expect(report.busySeconds > 0)
      #expect(report.efficiency > 0 && report.efficiency <= 1)
      #expect(
        abs(report.idleSeconds + report.busySeconds - report.wallSeconds * Double(report.workers)) < 1e-3
          || report.idleSeconds == 0)
      #expect(abs(report.criticalPathSeconds - 3e-6) < 1e-12)
      #expect(report.steals >= 0 && report.parks >= 0)
      if executor.workerCount == 1 { #expect(report.steals == 0) }
    }
  }

  struct Trace: Decodable {
    struct Event: Decodable {
      struct Arguments: Decodable {
        var name: String?
        var run: Int?
        var task: Int?
        var graph: String?
        var critical: Bool?
      }
      var ph: String
      var name: String
      var pid: Int
      var tid: Int
      var ts: Double?
      var dur: Double?
      var args: Arguments
    }
    var traceEvents: [Event]
  }

  @Test func tracesAreValidAndComplete() throws {
    try withEveryWorkerCount { executor in
      let recorder = TraceRecorder(capacityPerWorker: 1_000)
      let graph = try Self.diamond()
      for _ in 0..<3 { try executor.run(graph, options: RunOptions(trace: recorder)) }
      let trace = try JSONDecoder().decode(Trace.self, from: Data(recorder.chromeTraceJSON().utf8))
      let rows = trace.traceEvents.filter { $0.ph == "M" && $0.name == "thread_name" }
      #expect(
        rows.compactMap(\.args.name) == (0..<executor.workerCount).map { "worker \($0)" } + ["critical path"])
      let tasks = trace.traceEvents.filter { $0.ph == "X" && $0.tid < executor.workerCount }
      #expect(tasks.count == 12)
      #expect(Set(tasks.compactMap(\.args.run)).count == 3)
      #expect(Set(tasks.map(\.name)) == ["top", "left \\ \"quoted\"\n", "right", "bottom"])
      #expect(tasks.allSatisfy { $0.args.graph == "dia\"mond" && ($0.ts ?? -1) >= 0 && ($0.dur ?? -1) >= 0 })
      for run in Set(tasks.compactMap(\.args.run)) {
        let critical = tasks.filter { $0.args.run == run && $0.args.critical == true }.compactMap(\.args.task)
        #expect(Set(critical) == [0, 1, 3])
      }
      #expect(trace.traceEvents.count { $0.ph == "X" && $0.tid == executor.workerCount } == 9)
    }
  }

  @Test func aFullRingKeepsTheLatest() throws {
    let executor = try GraphExecutor(workers: 1)
    let recorder = TraceRecorder(capacityPerWorker: 5)
    var builder = TaskGraphBuilder()
    var last: [TaskID] = []
    for index in 0..<12 { last = [builder.add("t\(index)", after: last) { _ in }] }
    try executor.run(try builder.build(), options: RunOptions(trace: recorder))
    #expect(recorder.sortedEvents().map(\.task) == [7, 8, 9, 10, 11])
  }

  @Test func nestedRunsAndLoopsAreRecordedToo() throws {
    try withEveryWorkerCount { executor in
      let recorder = TraceRecorder(capacityPerWorker: 100)
      let inner = try Self.diamond()
      var builder = TaskGraphBuilder()
      builder.add("nest") { context in
        try context.run(inner)
        try context.parallelFor(0..<4, grain: 1) { _ in }
      }
      try executor.run(try builder.build(), options: RunOptions(trace: recorder))
      let events = recorder.sortedEvents()
      #expect(events.count { $0.isChunk } == 4)
      #expect(events.count { !$0.isChunk } == 5)
      #expect(Set(events.map(\.run)).count == 2)
    }
  }

  @Test func wholeRunsAreThoseThatEndedAndWereKept() throws {
    try withEveryWorkerCount { executor in
      let recorder = TraceRecorder(capacityPerWorker: 1_000)
      let graph = try Self.diamond()
      for _ in 0..<3 { try executor.run(graph, options: RunOptions(trace: recorder)) }
      try executor.run(try Self.diamond(), options: RunOptions(trace: recorder))
      var failing = TaskGraphBuilder()
      failing.add("bad") { _ in throw CancellationError() }
      let bad = try failing.build()
      #expect(throws: (any Error).self) { try executor.run(bad, options: RunOptions(trace: recorder)) }
      let runs = recorder.wholeRuns(of: graph)
      #expect(runs.count == 3)
      for run in runs {
        #expect(run.parts.map(\.task).sorted() == [0, 1, 2, 3])
        #expect(run.parts.allSatisfy { $0.worker < executor.workerCount && !$0.isChunk })
        #expect(run.report.tasksRun == 4 && run.report.wallSeconds > 0)
        let bodies = run.parts.reduce(0) { $0 + Double($1.time.count) * 1e-9 }
        #expect(bodies <= run.report.busySeconds)
      }
    }
  }

  @Test func tracesAreWrittenToFilesOrRefused() throws {
    let recorder = TraceRecorder()
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("trace-\(UUID()).json").path
    try recorder.write(to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == recorder.chromeTraceJSON())
    try FileManager.default.removeItem(atPath: path)
    let error = #expect(throws: TraceRecorder.WriteError.self) {
      try recorder.write(to: "/nowhere/trace.json")
    }
    #expect(error?.description.contains("/nowhere/trace.json") == true)
  }

  @Test func theStateOfABusyExecutorIsDescribed() throws {
    try withEveryWorkerCount { executor in
      let text = SharedText()
      var builder = TaskGraphBuilder(name: "busy")
      let first = builder.add { _ in }
      for index in 0..<20 {
        builder.add(after: first) { _ in if index == 3 { text.set(executor.describeState()) } }
      }
      try executor.run(try builder.build())
      #expect(text.value.contains("executor: \(executor.workerCount) slots, 1 calls"))
      #expect(text.value.split(separator: "\n").count { $0.contains("slot ") } == executor.workerCount)
      #expect(text.value.contains("task #"))
      #expect(executor.describeState().contains("0 open runs"))
    }
  }

  @Test func describingDisturbsNobody() throws {
    let executor = try GraphExecutor(GraphExecutor.Configuration(workers: 3, sharing: .always))
    let isOver = SharedFlag()
    withWatchdog(executor) {
      onThreads(2) { index in
        if index == 0 {
          while !isOver.isSet { _ = executor.describeState() }
        } else {
          for seed in 0..<150 as Range<UInt64> {
            guard let probe = try? OrderProbe(RandomDAG(seed: seed, tasks: 40), seed: seed, delays: false)
            else { break }
            _ = try? executor.run(probe.graph)
            #expect(probe.holds(afterRuns: 1))
          }
          isOver.set(true)
        }
      }
    }
  }

  @Test func theWatchdogSpeaksOnlyWhenNothingEnds() throws {
    for workers in [1, 3] {
      let executor = try GraphExecutor(
        GraphExecutor.Configuration(workers: workers, sharing: .always, watchdog: .milliseconds(20)))
      let watchdog = try #require(executor.watchdog)
      usleep(60_000)
      #expect(watchdog.alarms.load(ordering: .relaxed) == 0)
      var builder = TaskGraphBuilder(name: "stuck")
      builder.add("stuck") { _ in
        while watchdog.alarms.load(ordering: .relaxed) == 0 { usleep(1_000) }
      }
      try withWatchdog(executor) { _ = try executor.run(try builder.build()) }
      #expect(watchdog.alarms.load(ordering: .relaxed) > 0)
      executor.shutdown()
    }
  }
}
