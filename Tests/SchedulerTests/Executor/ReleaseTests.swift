import Glibc
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

/// The last reference to an executor goes where it is least convenient.
@Suite(.serialized) struct ReleaseTests {
  /// Holds an executor until it is emptied.
  final class Box: Sendable {
    private let content: Mutex<GraphExecutor?>

    init(_ executor: GraphExecutor) { content = Mutex(executor) }

    var executor: GraphExecutor? { content.withLock { $0 } }
    func empty() {
      let last = content.withLock { content in
        defer { content = nil }
        return content
      }
      // Released here, outside the lock.
      withExtendedLifetime(last) {}
    }
  }

  /// Whether the executor's object is gone; that of its threads may take a moment longer.
  static func isReleased(_ executor: () -> GraphExecutor?) -> Bool {
    for _ in 0..<10_000 {
      if executor() == nil { return true }
      usleep(1_000)
    }
    return false
  }

  /// An object whose end releases an executor.
  final class Releasing: Sendable {
    let box: Box
    init(_ box: Box) { self.box = box }
    deinit { box.empty() }
  }

  @Test(arguments: [1, 2, 3, 8]) func byABodyOfAnAsynchronousRun(_ workers: Int) async throws {
    for _ in 0..<20 {
      let log = SharedCount()
      weak let weakExecutor: GraphExecutor?
      do {
        let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
        weakExecutor = executor
        let box = Box(executor)
        var builder = TaskGraphBuilder()
        for index in 0..<20 {
          builder.add { _ in
            if index == 7 { box.empty() }
            log.add()
          }
        }
        let graph = try builder.build()
        // The run itself keeps the executor until it has ended.
        let task = Task { [executor = consume executor] in try await executor.run(graph) }
        _ = try await task.value
      }
      #expect(log.value == 20)
      #expect(ReleaseTests.isReleased { weakExecutor })
    }
  }

  /// A job's end releases the task's closure, and with it the executor, on the executor's own thread.
  @Test(arguments: [1, 2, 3, 8]) func byAJob(_ workers: Int) async throws {
    for _ in 0..<50 {
      let ended = SharedCount()
      weak let weakExecutor: GraphExecutor?
      do {
        let executor = try GraphExecutor(workers: workers)
        weakExecutor = executor
        let box = Box(executor)
        for _ in 0..<3 {
          Task(executorPreference: executor) {
            await Task.yield()
            box.empty()
            ended.add()
          }
        }
      }
      while ended.value < 3 { await Task.yield() }
      #expect(ReleaseTests.isReleased { weakExecutor })
    }
  }

  /// A body of one executor, blocking or not, ends another that is idle or busy.
  @Test(arguments: [1, 2, 8]) func byABodyOfAnother(_ workers: Int) async throws {
    let outer = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
    for isBusy in [false, true] {
      let inner = Box(try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always)))
      let started = SharedFlag()
      var builder = TaskGraphBuilder()
      builder.add { context in
        started.set(true)
        while !context.isCancelled {}
      }
      let endless = try builder.build()
      let caller = Task { [inner] in try await inner.executor?.run(endless) }
      if isBusy { while !started.isSet { await Task.yield() } } else { caller.cancel() }
      _ = isBusy ? nil : try? await caller.value
      var ending = TaskGraphBuilder()
      for index in 0..<4 { ending.add { _ in if index == 2 { inner.executor?.shutdown(); inner.empty() } } }
      try outer.runBlockingForTest(try ending.build())
      if isBusy {
        let failure = await #expect(throws: RunFailure.self) { _ = try await caller.value }
        #expect(failure?.code == .shutDown)
      }
    }
  }

  /// A graph owns an object that owns the executor, and goes when a thread of that executor lets it go.
  @Test(arguments: [1, 2, 3, 8]) func byADeinitOnAWorker(_ workers: Int) async throws {
    for round in 0..<20 {
      let executor = try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
      weak let weakExecutor = executor
      let box = Box(consume executor)
      let slot = Mutex<Releasing?>(Releasing(box))
      let ended = SharedCount()
      var builder = TaskGraphBuilder()
      for index in 0..<10 {
        builder.add { _ in
          if index == 3 {
            let last = slot.withLock { slot in
              defer { slot = nil }
              return slot
            }
            withExtendedLifetime(last) {}
          }
          ended.add()
        }
      }
      let graph = try builder.build()
      if round % 2 == 0 {
        let task = Task { [box] in
          guard let executor = box.executor else { return }
          try await executor.run(graph)
        }
        try await task.value
      } else {
        try box.executor?.runBlockingForTest(graph)
      }
      #expect(ended.value == 10)
      #expect(ReleaseTests.isReleased { weakExecutor })
    }
  }

  /// The threads of an executor that was released by one of them end, all of them.
  @Test func leavesNoThreadBehind() async {
    await #expect(processExitsWith: .success) {
      for workers in [2, 5] {
        for _ in 0..<20 {
          var builder = TaskGraphBuilder()
          let box = Box(try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always)))
          for index in 0..<50 { builder.add { _ in if index == 20 { box.empty() } } }
          try box.executor?.runBlockingForTest(try builder.build())
        }
      }
      exit(ShutdownTests.hasThreads(0) ? EXIT_SUCCESS : 1)
    }
  }
}
