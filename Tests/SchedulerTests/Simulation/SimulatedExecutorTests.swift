#if DEBUG || TRIBUTARY_SIMULATION
  import Synchronization
  import Testing
  import TributaryTestSupport

  @testable import TributaryScheduler

  /// The executor's own code under many orders of its steps.
  @Suite(.serialized, .enabled(if: Simulation.isAvailable)) struct SimulatedExecutorTests {
    static let sharings: [GraphExecutor.Sharing] = [.always, .whenWorthwhile]

    /// A small graph by seed.
    static func graph(_ seed: UInt64, nanoseconds: Int64 = 60) throws -> SimulatedGraph {
      try SimulatedGraph(RandomDAG(seed: seed, tasks: 1 + Int(seed * 7 % 29)), nanoseconds: nanoseconds)
    }

    /// Runs a graph and checks the run.
    static func run(_ graph: SimulatedGraph, on executor: GraphExecutor) throws {
      let log = SimulatedLog(graph)
      try withExtendedLifetime(log) { _ = try executor.runHere(graph.graph, log.argument) }
      log.checkWhole()
    }

    @Test(arguments: [1, 2, 3, 4], sharings) func everyTaskRunsOnceAfterItsPredecessors(
      _ workers: Int, _ sharing: GraphExecutor.Sharing
    ) {
      simulate(seeds: 160) { seed in
        let graph = try Self.graph(seed, nanoseconds: sharing == .always ? 60 : 900)
        try withSimulatedExecutor(workers: workers, sharing: sharing, seed: seed) { executor in
          for _ in 0..<3 { try Self.run(graph, on: executor) }
        }
      }
    }

    /// Clients that run one graph and graphs of their own, at once; a slot's number stands for one computing thread.
    @Test(arguments: [1, 2, 3], sharings) func severalClientsAtOnce(
      _ workers: Int, _ sharing: GraphExecutor.Sharing
    ) {
      simulate(seeds: 160) { seed in
        let common = try Self.graph(seed, nanoseconds: 300)
        try withSimulatedExecutor(workers: workers, sharing: sharing, seed: seed) { executor in
          var inside = [Int](repeating: 0, count: workers)
          let note: (borrowing TaskContext, Int) -> Void = { context, _ in
            let worker = context.workerIndex
            inside[worker] += 1
            Simulation.check(inside[worker] == 1, "two threads compute in slot \(worker)")
            Simulation.compute(steps: 2)
            inside[worker] -= 1
          }
          common.inside = note
          Simulation.concurrently(3) { client in
            do {
              let mine = try Self.graph(seed + UInt64(client) * 1_000)
              mine.inside = note
              for round in 0..<2 { try Self.run((round + client) % 2 == 0 ? common : mine, on: executor) }
            } catch {
              Simulation.check(false, "\(error)")
            }
          }
        }
      }
    }

    /// More callers than slots, and runs so short that slots change hands all the time.
    @Test(arguments: [1, 2]) func slotsAreHandedOn(_ workers: Int) {
      simulate(seeds: 320) { seed in
        try withSimulatedExecutor(workers: workers, seed: seed) { executor in
          Simulation.concurrently(workers + 1) { client in
            do {
              let graph = try SimulatedGraph(RandomDAG(seed: UInt64(client), tasks: 2))
              for _ in 0..<6 { try Self.run(graph, on: executor) }
            } catch {
              Simulation.check(false, "\(error)")
            }
          }
        }
      }
    }

    @Test(arguments: [1, 2, 3]) func nestedRunsAndLoops(_ workers: Int) {
      simulate(seeds: 240) { seed in
        let inner = try Self.graph(seed + 3)
        let outer = try Self.graph(seed)
        try withSimulatedExecutor(workers: workers, seed: seed) { executor in
          outer.inside = { context, task in
            if task % 4 == 1 {
              let log = SimulatedLog(inner)
              try withExtendedLifetime(log) { _ = try context.run(inner.graph, argument: log.argument) }
              log.checkWhole()
            } else if task % 4 == 2 {
              let chunks = LoopLog()
              try context.parallelFor(0..<11, grain: 3) { range in
                Simulation.compute(steps: 2)
                chunks.ranges.append(range)
              }
              chunks.check()
            }
          }
          Simulation.concurrently(2) { _ in
            do {
              try Self.run(outer, on: executor)
            } catch {
              Simulation.check(false, "\(error)")
            }
          }
        }
      }
    }

    private final class LoopLog: @unchecked Sendable {
      // SAFETY: used within one simulation, that is by one thread.
      var ranges: [Range<Int>] = []

      func check() {
        let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
        Simulation.check(sorted == [0..<3, 3..<6, 6..<9, 9..<11], "the loop ran as \(sorted)")
      }
    }

    struct Boom: Error {}

    /// A failed, cancelled or late run leaves everything as a good one does, and what became of it is not mistaken for
    /// what became of another run of the same graph at the same time.
    @Test(arguments: [1, 2, 3]) func failedRunsLeaveNothingBehind(_ workers: Int) {
      simulate(seeds: 320) { seed in
        let graph = try Self.graph(seed)
        let culprit = Int(seed) % graph.graph.taskCount
        graph.inside = { context, task in
          guard task == culprit, let log = SimulatedLog.of(context) else { return }
          if log.throwsError { throw Boom() }
          log.token?.cancel()
        }
        try withSimulatedExecutor(workers: workers, seed: seed) { executor in
          Simulation.concurrently(2) { client in
            for round in 0..<4 { Self.checkEnd(of: graph, (round + client) % 4, seed: seed, on: executor) }
          }
        }
      }
    }

    /// Runs a graph that fails (0), is cancelled (1), may be too late (2), or runs well.
    static func checkEnd(of graph: SimulatedGraph, _ kind: Int, seed: UInt64, on executor: GraphExecutor) {
      let token = CancellationToken()
      let log = SimulatedLog(graph)
      log.mayBeShort = kind < 3
      log.throwsError = kind == 0
      log.token = kind == 1 ? token : nil
      let deadline: Duration? = kind == 2 ? .nanoseconds(Int(seed) * 40) : nil
      var failure: RunFailure?
      do {
        try withExtendedLifetime(log) { () throws(RunFailure) in
          _ = try executor.runHere(
            graph.graph, log.argument, options: RunOptions(deadline: deadline, cancellation: token))
        }
      } catch {
        failure = error
      }
      log.checkOver()
      let expected: [RunFailure.Code?] = [.taskFailed, .cancelled, .deadlineExceeded, nil]
      let isRight = failure?.code == expected[kind] || failure == nil && (kind == 1 || kind == 2)
      Simulation.check(isRight, "a run of kind \(kind) ended with \(String(describing: failure))")
      Simulation.check((failure?.underlying is Boom) == (kind == 0), "another run's error")
      if failure == nil { log.checkWhole() }
    }

    /// Runs that nobody leads, as the asynchronous overload makes them: only the pool's threads work, so one that sleeps through
    /// its call is missed at once.
    @Test(arguments: [2, 3, 4]) func submittedRunsEnd(_ workers: Int) {
      simulate(seeds: 360) { seed in
        try withSimulatedExecutor(workers: workers, seed: seed) { executor in
          Simulation.concurrently(1 + Int(seed) % 3) { client in
            do {
              for round in 0..<2 {
                let graph = try Self.graph(seed + UInt64(client + 10 * round))
                Simulation.compute(nanoseconds: Int64(seed) % 9 * 100, steps: 2)
                let outcome = Submission(executor, graph).wait()
                Simulation.check(outcome?.failure == nil, "\(String(describing: outcome?.failure))")
              }
            } catch {
              Simulation.check(false, "\(error)")
            }
          }
        }
      }
    }

    /// Runs long enough that pool threads leave one for another in its midst.
    @Test(arguments: [2, 3]) func runsTakeTurns(_ workers: Int) {
      simulate(seeds: 48) { seed in
        try withSimulatedExecutor(workers: workers, seed: seed) { executor in
          let graph = try SimulatedGraph(RandomDAG(seed: seed, tasks: 200))
          let submissions = (0..<3).map { _ in Submission(executor, graph) }
          for submission in submissions {
            Simulation.check(submission.wait()?.failure == nil, "a run failed")
          }
        }
      }
    }

    /// A run submitted to the pool, and its end.
    private final class Submission: @unchecked Sendable {
      // SAFETY: used within one simulation, that is by one thread.
      private let graph: SimulatedGraph
      private let log: SimulatedLog
      private let end = SimulatedEvent()
      private let token = CancellationToken()
      private var outcome: RunOutcome?

      init(_ executor: GraphExecutor, _ graph: SimulatedGraph) {
        self.graph = graph
        log = SimulatedLog(graph)
        guard executor.core.pointee.beginCall() else {
          end.happen()
          return
        }
        executor.core.pointee.submit(
          graph.graph, argument: log.argument, options: RunOptions(), stop: token, on: executor.core
        ) { [self] outcome in
          self.outcome = outcome
          end.happen()
        }
      }

      /// - Returns: nil when the executor was shut down before the run began.
      func wait() -> RunOutcome? {
        end.wait()
        if outcome?.failure == nil, outcome != nil { log.checkWhole() }
        log.checkOver()
        return outcome
      }
    }

    @Test(arguments: [1, 2, 3]) func shutdownWhileBusy(_ workers: Int) {
      simulate(seeds: 400) { seed in
        try withSimulatedExecutor(workers: workers, seed: seed) { executor in
          let graph = try Self.graph(seed)
          Simulation.concurrently(2 + Int(seed) % 3) { client in
            if client == 0 {
              Simulation.compute(nanoseconds: Int64(seed) % 50 * 40, steps: 3)
              executor.shutdown()
              return
            }
            while true {
              if workers > 1, client == 1 {
                guard let outcome = Submission(executor, graph).wait() else { return }
                Simulation.check(outcome.failure == nil || outcome.failure == .shutDown, "another failure")
                continue
              }
              let log = SimulatedLog(graph)
              log.mayBeShort = true
              do {
                try withExtendedLifetime(log) { _ = try executor.runHere(graph.graph, log.argument) }
                log.checkWhole()
              } catch {
                log.checkOver()
                Simulation.check((error as? RunFailure)?.code == .shutDown, "\(error)")
                return
              }
            }
          }
        }
      }
    }

    @Test(arguments: [1, 2, 3]) func shutdownFromATask(_ workers: Int) {
      simulate(seeds: 160) { seed in
        let executor = try GraphExecutor(
          GraphExecutor.Configuration(
            workers: workers, pinning: .none, sharing: .always, spin: .nanoseconds(400)))
        Simulation.watch(executor)
        let graph = try SimulatedGraph(RandomDAG(seed: seed, tasks: 12))
        graph.inside = { _, task in if task == Int(seed) % 12 { executor.shutdown() } }
        let log = SimulatedLog(graph)
        log.mayBeShort = true
        withExtendedLifetime(log) { _ = try? executor.runHere(graph.graph, log.argument) }
        log.checkOver()
        executor.shutdown()
        graph.inside = { _, _ in }
      }
    }

    /// Short runs one after the other, with thieves that come late: none of them may see a state's next run as its last.
    @Test(arguments: [2, 3, 4]) func runStatesAreRecycled(_ workers: Int) {
      simulate(seeds: 320) { seed in
        try withSimulatedExecutor(workers: workers, seed: seed) { executor in
          let graphs = try (0..<2).map { try SimulatedGraph(RandomDAG(seed: seed + $0, tasks: 6)) }
          Simulation.concurrently(1 + Int(seed) % 2) { client in
            for round in 0..<8 {
              do {
                try Self.run(graphs[(round / 2 + client) % 2], on: executor)
              } catch {
                Simulation.check(false, "\(error)")
              }
            }
          }
        }
      }
    }

    /// More graphs than run states are kept, so that states are bound anew, and freed graphs, and dumps in between.
    @Test func manyGraphsAndDumps() {
      simulate(seeds: 80) { seed in
        try withSimulatedExecutor(workers: 3, seed: seed) { executor in
          var isOver = false
          Simulation.concurrently(2) { thread in
            if thread == 1 {
              while !isOver {
                Simulation.check(executor.describeState().hasPrefix("executor: 3 slots"), "a dump")
                Simulation.compute(steps: 20)
              }
              return
            }
            for number in 0..<20 as Range<UInt64> {
              do {
                let graph = try SimulatedGraph(RandomDAG(seed: seed + number, tasks: 4 + Int(number)))
                try Self.run(graph, on: executor)
              } catch {
                Simulation.check(false, "\(error)")
              }
            }
            isOver = true
          }
        }
      }
    }
  }
#endif
