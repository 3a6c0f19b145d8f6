#if DEBUG || TRIBUTARY_SIMULATION
  import Testing
  import TributaryTestSupport

  @testable import TributaryScheduler

  /// Slots that are lent: bodies that run graphs on other executors, and callers that hold what bodies wait for.
  @Suite(.serialized, .enabled(if: Simulation.isAvailable)) struct SimulatedLendingTests {
    /// A graph whose tasks run another on the next executor, which runs another on the one after that, and so on.
    private static func chain(_ executors: [GraphExecutor], depth: Int, width: Int) throws -> TaskGraph {
      var graph: TaskGraph?
      for level in (0..<depth).reversed() {
        let next = executors[(level + 1) % executors.count]
        var builder = TaskGraphBuilder(name: "level \(level)")
        for _ in 0..<width {
          builder.add { [graph] _ in
            Simulation.compute(nanoseconds: 60)
            if let graph { try next.runHere(graph) }
          }
        }
        graph = try builder.build()
      }
      return try graph ?? TaskGraphBuilder().build()
    }

    /// Clients begin at either end, so that threads of either executor wait for slots of the other, and those that wait in their
    /// slots for stolen tasks of nested runs wait for such threads.
    @Test(arguments: [1, 2, 3]) func executorsCallEachOther(_ workers: Int) {
      simulate(seeds: 320) { seed in
        try withSimulatedExecutor(workers: workers, seed: seed) { first in
          try withSimulatedExecutor(workers: workers, seed: seed) { second in
            let ends = [[first, first, second, second], [second, second, first, first]]
            let graphs = try ends.map { try Self.chain($0, depth: 4 + Int(seed % 3), width: 2) }
            Simulation.concurrently(4) { client in
              do {
                try ends[client % 2][0].runHere(graphs[client % 2])
              } catch {
                Simulation.check(false, "\(error)")
              }
            }
          }
        }
      }
    }

    /// Bodies hold a lock round a run on another executor, and other bodies of theirs want it: nobody who wants it has the slot of
    /// the one that holds it.
    @Test(arguments: [1, 2]) func aLockIsHeldRoundTheCall(_ workers: Int) {
      simulate(seeds: 160) { seed in
        try withSimulatedExecutor(workers: workers, seed: seed) { outer in
          try withSimulatedExecutor(workers: workers, seed: seed) { inner in
            let lock = Lock()
            let graph = try Self.chain([inner], depth: 1, width: 2)
            var builder = TaskGraphBuilder()
            for _ in 0..<2 {
              builder.add { _ in try lock.locked { _ = try inner.runHere(graph) } }
            }
            let locking = try builder.build()
            Simulation.concurrently(3) { _ in
              do {
                try outer.runHere(locking)
              } catch {
                Simulation.check(false, "\(error)")
              }
            }
          }
        }
      }
    }

    /// A caller holds a gate that bodies wait for, and needs a slot: it gets one of theirs. An asynchronous run needs a pool thread
    /// besides, so there bodies leave those alone.
    @Test(arguments: [1, 2, 3], [false, true]) func bodiesWaitForACaller(_ workers: Int, isAsynchronous: Bool)
    {
      simulate(seeds: 160) { seed in
        try withSimulatedExecutor(workers: workers, seed: seed) { executor in
          let gate = SimulatedEvent()
          var builder = TaskGraphBuilder()
          for _ in 0..<(isAsynchronous ? 1 : workers) {
            builder.add { _ in GraphExecutor.lendingSlot { gate.wait() } }
          }
          let waiting = try builder.build()
          let holding = try Self.chain([executor], depth: 1, width: 3)
          Simulation.concurrently(workers + 1) { client in
            do {
              if client > 0 {
                try executor.runHere(waiting)
              } else if isAsynchronous, workers > 1 {
                Simulation.compute(nanoseconds: Int64(seed % 7) * 200)
                guard executor.core.pointee.beginCall() else { return Simulation.check(false, "refused") }
                executor.core.pointee.submit(
                  holding, argument: nil, options: RunOptions(), stop: CancellationToken(), mayBorrow: true,
                  on: executor.core
                ) { _ in gate.happen() }
              } else {
                Simulation.compute(nanoseconds: Int64(seed % 7) * 200)
                _ = try executor.runBlocking(holding, argument: nil, options: RunOptions(), mayBorrow: true)
                gate.happen()
              }
            } catch {
              Simulation.check(false, "\(error)")
            }
          }
        }
      }
    }
  }
#endif
