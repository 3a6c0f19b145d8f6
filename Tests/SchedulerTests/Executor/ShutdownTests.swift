import Glibc
import Testing
import TributaryScheduler
import TributaryTestSupport

@Suite(.serialized) struct ShutdownTests {
  /// The names of the process's threads.
  static func threadNames() -> [String] {
    guard let folder = opendir("/proc/self/task") else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let id = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard !id.hasPrefix("."), let file = fopen("/proc/self/task/\(id)/comm", "r") else { continue }
      var line = [CChar](repeating: 0, count: 64)
      if fgets(&line, 64, file) != nil {
        names.append(
          String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
      fclose(file)
    }
    return names.filter { $0.hasPrefix("tributary-") }.sorted()
  }

  /// Waits until there are so many threads of executors: the kernel lists an ended thread for a moment longer.
  static func hasThreads(_ count: Int) -> Bool {
    for _ in 0..<1_000 {
      if threadNames().count == count { return true }
      usleep(1_000)
    }
    return false
  }

  @Test func startsExactlyTheThreadsAskedFor() async {
    await #expect(processExitsWith: .success) {
      for workers in [1, 2, 5, 40] {
        let executor = try GraphExecutor(workers: workers)
        guard executor.workerCount == workers, ShutdownTests.hasThreads(workers - 1) else { exit(1) }
        let names = Set(ShutdownTests.threadNames())
        guard names == Set((1..<workers).map { "tributary-\($0)" }) else { exit(2) }
        executor.shutdown()
        guard ShutdownTests.hasThreads(0) else { exit(3) }
      }
      let single = try GraphExecutor(workers: 1)
      _ = try await single.run(try TaskGraphBuilder().build())
      guard ShutdownTests.hasThreads(1) else { exit(4) }
    }
  }

  @Test func rejectsInvalidCounts() {
    for invalid in [0, -1, 1025] {
      let error = #expect(throws: SchedulerError.self) { _ = try GraphExecutor(workers: invalid) }
      #expect(error?.code == .invalidThreadCount)
    }
  }

  @Test func refusesRunsAfterwards() async throws {
    let executor = try GraphExecutor(workers: 2)
    var builder = TaskGraphBuilder(name: "late")
    builder.add { _ in }
    let graph = try builder.build()
    executor.shutdown()
    executor.shutdown()
    let failure = #expect(throws: RunFailure.self) { try executor.runBlockingForTest(graph) }
    #expect(failure?.code == .shutDown)
    #expect(failure?.graphName == "late")
    let other = await #expect(throws: RunFailure.self) { try await executor.run(graph) }
    #expect(other?.code == .shutDown)
  }

  @Test func shutsDownWhileBusy() throws {
    for workers in testedWorkerCounts {
      for sharing in [GraphExecutor.Sharing.always, .whenWorthwhile] {
        let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: sharing))
        let started = SharedCount()
        let isStopped = SharedFlag()
        let outcomes = SharedCount()
        var builder = TaskGraphBuilder()
        for _ in 0..<20_000 {
          builder.add { _ in
            started.add()
            if isStopped.isSet { usleep(1) }
          }
        }
        let graph = try builder.build()
        withWatchdog(executor) {
          onThreads(4) { index in
            if index == 0 {
              while started.value < 100 {}
              isStopped.set(true)
              executor.shutdown()
            } else {
              while true {
                do {
                  _ = try executor.run(graph)
                } catch {
                  if (error as? RunFailure)?.code == .shutDown { outcomes.add() }
                  return
                }
              }
            }
          }
        }
        #expect(outcomes.value == 3)
      }
    }
  }

  @Test func shutdownFromATaskReturns() throws {
    for workers in [1, 2, 4] {
      let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
      var builder = TaskGraphBuilder()
      let first = builder.add { _ in executor.shutdown() }
      builder.add(after: first) { _ in Issue.record("not begun before the shutdown") }
      let graph = try builder.build()
      let failure = withWatchdog(executor) { #expect(throws: RunFailure.self) { try executor.run(graph) } }
      #expect(failure?.code == .shutDown)
    }
  }

  @Test func suspendedCallersAreReleased() async throws {
    let executor = try GraphExecutor(workers: 2)
    let started = SharedFlag()
    var builder = TaskGraphBuilder()
    let first = builder.add { context in
      started.set(true)
      while !context.isCancelled {}
    }
    builder.add(after: first) { _ in Issue.record("not begun before the shutdown") }
    let graph = try builder.build()
    let task = Task { try await executor.run(graph) }
    while !started.isSet { await Task.yield() }
    executor.shutdown()
    let failure = await #expect(throws: RunFailure.self) { _ = try await task.value }
    #expect(failure?.code == .shutDown)
  }
}
