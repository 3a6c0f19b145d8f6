import Glibc
import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

/// Clients that do the same get the same: of k that run a graph back to back each has at least 0.8/k of all runs.
@Suite(.serialized) struct FairnessTests {
  struct Case: Codable, Sendable, CustomStringConvertible {
    let workers: Int
    let blocking: Int
    let suspending: Int
    var isAlwaysShared = false
    var tasks = 20
    var steps = 2_000
    var runsEach = 400
    /// The least share of a client, of what would be its by right.
    var share = 0.8

    var clients: Int { blocking + suspending }
    var description: String {
      "\(workers) workers, \(blocking) blocking, \(suspending) suspending, \(tasks) tasks"
    }
  }

  // Where callers suspend, runs are long against the time in which Swift's own threads come back with the next one. With several
  // workers the system may give a pool thread with many clients less of a busy machine than threads with one, and a thread
  // that it stops in the middle of a run keeps its slot: hence the smaller shares there. `tributary-bench stress --only fair`
  // asks for 0.8 on a quiet machine.
  static let cases = [
    Case(workers: 1, blocking: 8, suspending: 0),
    Case(workers: 2, blocking: 8, suspending: 0, share: 0.4),
    Case(workers: 3, blocking: 8, suspending: 0, isAlwaysShared: true, share: 0.4),
    Case(workers: 8, blocking: 32, suspending: 0, share: 0.2),
    Case(workers: 1, blocking: 4, suspending: 4, steps: 40_000, runsEach: 50),
    Case(workers: 2, blocking: 6, suspending: 2, steps: 40_000, runsEach: 50, share: 0.4),
    Case(workers: 2, blocking: 0, suspending: 8, share: 0.4),
    // Longer than a turn: the threads give their slots up in the middle of runs.
    Case(workers: 1, blocking: 3, suspending: 3, tasks: 600, steps: 2_000, runsEach: 40),
    Case(workers: 2, blocking: 4, suspending: 1, tasks: 600, steps: 2_000, runsEach: 40, share: 0.4),
  ]

  /// In a process of its own, so that nobody else keeps Swift's own threads busy.
  @Test(arguments: cases) func equalClientsHaveEqualShares(_ test: Case) async {
    await #expect(processExitsWith: .success) { [test] in try await FairnessTests.race(test) }
  }

  private static func race(_ test: Case) async throws {
    let executor = try GraphExecutor(
      GraphExecutor.Configuration(
        workers: test.workers, sharing: test.isAlwaysShared ? .always : .whenWorthwhile))
    var builder = TaskGraphBuilder()
    for task in 0..<test.tasks {
      builder.add("task", after: task > 7 ? [TaskID(task - 8)] : []) { [steps = test.steps] _ in
        var sum = 0
        for step in 0..<steps { sum &+= step &* step }
        if sum == -1 { Issue.record("not reached") }
      }
    }
    let graph = try builder.build()
    let race = Race(clients: test.clients, runs: test.clients * test.runsEach)
    let callers = Callers(count: test.blocking) { client in
      race.begin()
      while race.goesOn {
        guard (try? executor.run(graph)) != nil else { return }
        race.finished(client)
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for client in test.blocking..<test.clients {
        group.addTask {
          race.joined()
          while !race.hasBegun { await Task.yield() }
          while race.goesOn {
            guard (try? await executor.run(graph)) != nil else { return }
            race.finished(client)
          }
        }
      }
    }
    callers.join()
    let counts = race.counts
    let least = counts.min() ?? 0
    let all = counts.reduce(0, +)
    #expect(Double(least) >= test.share * Double(all) / Double(test.clients), "\(counts)")
  }

  /// A client with a long run does not keep one with short runs from its turns: it gives its slot up in the middle.
  @Test(arguments: [1, 2]) func aLongRunLetsShortOnesPass(_ workers: Int) throws {
    let executor = try GraphExecutor(workers: workers)
    let isLong = SharedFlag()
    let isOver = SharedFlag()
    var long = TaskGraphBuilder()
    var last: [TaskID] = []
    for _ in 0..<20_000 * workers {
      last = [
        long.add("long", after: last) { _ in
          isLong.set(true)
          if !isOver.isSet { usleep(100) }
        }
      ]
    }
    let longGraph = try long.build()
    var short = TaskGraphBuilder()
    short.add { _ in }
    let shortGraph = try short.build()
    let late = SharedCount()
    withWatchdog(executor) {
      onThreads(workers + 1) { client in
        if client < workers {
          _ = try? executor.run(longGraph)
          if !isOver.isSet { late.add() }
        } else {
          while !isLong.isSet {}
          for _ in 0..<20 where (try? executor.run(shortGraph)) == nil { late.add() }
          isOver.set(true)
        }
      }
    }
    #expect(late.value == 0)
  }
}

/// Counts the runs of each client until there are enough in all.
private final class Race: Sendable {
  private let perClient: [SharedCount]
  private let all = SharedCount()
  private let started = SharedCount()
  private let isWarm: [SharedFlag]
  private let warm = SharedCount()
  private let runs: Int

  init(clients: Int, runs: Int) {
    perClient = (0..<clients).map { _ in SharedCount() }
    isWarm = (0..<clients).map { _ in SharedFlag() }
    self.runs = runs
  }

  func joined() { started.add() }
  var hasBegun: Bool { started.value >= perClient.count }
  var goesOn: Bool { all.value < runs }
  var counts: [Int] { perClient.map(\.value) }

  /// Waits for all clients.
  func begin() {
    joined()
    while !hasBegun { usleep(100) }
  }

  /// Counts a run, once every client has had its first.
  func finished(_ client: Int) {
    if warm.value < perClient.count {
      if !isWarm[client].isSet {
        isWarm[client].set(true)
        warm.add()
      }
      return
    }
    perClient[client].add()
    all.add()
  }
}

/// Threads that run beside the test's own.
private final class Callers {
  private let done = SharedCount()
  private let count: Int

  init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    for client in 0..<count {
      let done = done
      startThread {
        body(client)
        done.add()
      }
    }
  }

  func join() { while done.value < count { usleep(100) } }
}
