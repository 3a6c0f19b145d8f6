#if DEBUG || TRIBUTARY_SIMULATION
  import Glibc
  import Synchronization
  import Testing
  import TributaryTestSupport

  @testable import TributaryScheduler

  /// The simulator itself: it repeats itself, it finds what it should, and it is a machine as the executor expects one.
  @Suite(.serialized, .enabled(if: Simulation.isAvailable)) struct SimulationTests {
    /// A word that several simulated threads use, and what they saw.
    final class Shared {
      let word = UnsafeMutablePointer<TributaryScheduler.Atomic<Int>>.allocate(capacity: 1)
      var log: [Int] = []
      init() { word.initialize(to: TributaryScheduler.Atomic(0)) }
      deinit { word.deallocate() }

      /// Adds one in two steps, as no program should.
      func addBadly() {
        let value = word.pointee.load(ordering: .relaxed)
        word.pointee.store(value + 1, ordering: .relaxed)
      }
    }

    @Test(arguments: simulatedPolicies) func theSameSeedGoesTheSameWay(_ policy: SchedulingPolicy) throws {
      var traces: Set<UInt64> = []
      for seed in 0..<12 as Range<UInt64> {
        func once() -> (report: Simulation.Report, order: [Int]) {
          let shared = Shared()
          let report = Simulation(seed: seed, policy: policy).run {
            let whole = try SimulatedGraph(RandomDAG(seed: seed, tasks: 24))
            whole.inside = { _, task in shared.log.append(task) }
            try withSimulatedExecutor(workers: 3, seed: seed) { executor in
              Simulation.concurrently(2) { _ in
                let log = SimulatedLog(whole)
                withExtendedLifetime(log) { _ = try? executor.runHere(whole.graph, log.argument) }
                shared.log.append(-1)
              }
            }
          }
          return (report, shared.log)
        }
        let (first, second) = (once(), once())
        #expect(first.report.failure == nil)
        #expect(first.order == second.order)
        #expect(first.report.trace == second.report.trace)
        #expect(first.report.steps == second.report.steps)
        #expect(first.report.switches == second.report.switches)
        #expect(first.report.time == second.report.time)
        traces.insert(first.report.trace)
      }
      // Seeds make a difference where a policy has a choice; graphs do in any case.
      #expect(traces.count >= 6)
    }

    @Test(arguments: simulatedPolicies) func aLostUpdateIsFoundAndFoundAgain(_ policy: SchedulingPolicy)
      throws
    {
      func simulate(_ seed: UInt64) -> Simulation.Report {
        let shared = Shared()
        return Simulation(seed: seed, policy: policy).run {
          Simulation.concurrently(3) { client in
            Simulation.compute(steps: 1 + 3 * client)
            for _ in 0..<4 { shared.addBadly() }
          }
          let sum = shared.word.pointee.load(ordering: .relaxed)
          Simulation.check(sum == 12, "\(sum)")
        }
      }
      let first = try #require((0..<200 as Range<UInt64>).lazy.map(simulate).first { $0.failure != nil })
      let again = simulate(first.seed)
      guard case .wrong(let text) = first.failure, case .wrong(text) = again.failure else {
        Issue.record("\(first), then \(again)")
        return
      }
      #expect(first.trace == again.trace)
    }

    /// The reader must lose its turn after its first look, and the writer in the middle of its work.
    @Test func prioritiesFindWhatNeedsTwoChanges() {
      let found = (0..<2_000 as Range<UInt64>).contains { seed in
        let shared = Shared()
        let report = Simulation(seed: seed, policy: .priorities(changes: 2, horizon: 30)).run {
          Simulation.concurrently(2) { client in
            Simulation.compute(steps: 5)
            if client == 0 {
              for _ in 0..<2 { shared.log.append(shared.word.pointee.load(ordering: .relaxed)) }
            } else {
              for _ in 0..<5 { shared.word.pointee.wrappingAdd(1, ordering: .relaxed) }
            }
          }
          Simulation.check(!(shared.log[0] == 0 && (1...4).contains(shared.log[1])), "twice in the midst")
        }
        return report.failure != nil
      }
      #expect(found)
    }

    /// Two threads that work for each other without end must not keep a third from stopping them.
    @Test(arguments: simulatedPolicies) func nobodyWaitsForEver(_ policy: SchedulingPolicy) {
      for seed in 0..<40 as Range<UInt64> {
        var simulation = Simulation(seed: seed, policy: policy)
        simulation.stepLimit = 50_000
        let report = simulation.run {
          let counts = (0..<2).map { _ in EventCountTests.Shared() }
          var isOver = false
          Simulation.concurrently(3) { client in
            if client == 2 {
              Simulation.compute(steps: 10)
              isOver = true
              for count in counts { count.notifyAll() }
              return
            }
            while !isOver {
              counts[1 - client].notifyOne()
              counts[client].announce()
              if isOver { _ = counts[client].cancel() } else { _ = counts[client].sleep(timeout: 100) }
            }
          }
        }
        #expect(report.failure == nil, "\(report)")
      }
    }

    @Test func threadsThatWaitForEachOtherAreFound() {
      let events = [SimulatedEvent(), SimulatedEvent()]
      let report = Simulation(seed: 1, policy: .random(meanSteps: 4)).run {
        Simulation.concurrently(2) { client in
          events[1 - client].wait()
          events[client].happen()
        }
      }
      guard case .deadlock = report.failure else {
        Issue.record("\(report)")
        return
      }
      #expect(report.state.contains("client 1 sleeps"))
      #expect(report.state.contains("main 0 waits for the end of thread 1"))
      #expect(report.description.contains("seed 1"))
    }

    @Test func aLoopWithoutEndIsFound() {
      var simulation = Simulation(seed: 1, policy: .roundRobin(steps: 3))
      simulation.stepLimit = 5_000
      let report = simulation.run {
        let executor = try GraphExecutor(
          GraphExecutor.Configuration(workers: 2, pinning: .none, sharing: .always))
        Simulation.watch(executor)
        var builder = TaskGraphBuilder()
        builder.add { _ in while true { spinBriefly() } }
        try executor.runHere(try builder.build())
      }
      guard case .stepLimit = report.failure else {
        Issue.record("\(report)")
        return
      }
      #expect(report.state.contains("executor: 2 slots"))
    }

    @Test func errorsAndFailedChecksAreReported() {
      struct Boom: Error {}
      let thrown = Simulation(seed: 1, policy: .random(meanSteps: 2)).run { throw Boom() }
      if case .thrown(let error) = thrown.failure {
        #expect(error is Boom)
      } else {
        Issue.record("\(thrown)")
      }
      let wrong = Simulation(seed: 1, policy: .random(meanSteps: 2)).run {
        Simulation.concurrently(2) { Simulation.check($0 == 0, "client \($0)") }
      }
      if case .wrong(let text) = wrong.failure {
        #expect(text == "client 1")
      } else {
        Issue.record("\(wrong)")
      }
    }

    @Test func timePassesWithoutWaiting() {
      let report = Simulation(seed: 3, policy: .random(meanSteps: 3)).run {
        let count = UnsafeMutablePointer<EventCount>.allocate(capacity: 1)
        count.initialize(to: EventCount())
        let begin = monotonicNanoseconds()
        count.pointee.announce()
        Simulation.check(!count.pointee.sleep(timeout: 3_600_000_000_000), "nobody notifies")
        let passed = monotonicNanoseconds() - begin
        Simulation.check(passed >= 3_600_000_000_000 && passed < 3_600_001_000_000, "\(passed) ns")
        Simulation.check(!count.pointee.hasSleepers, "still announced")
        Simulation.compute(nanoseconds: 5_000, steps: 5)
        count.deallocate()
      }
      #expect(report.failure == nil)
      #expect(report.time >= 3_600_000_005_000)
    }

    @Test func locksExclude() {
      for seed in 0..<50 as Range<UInt64> {
        let lock = TributaryScheduler.Mutex(0)
        let report = withUnsafePointer(to: lock) { lock in
          Simulation(seed: seed, policy: .random(meanSteps: 2)).run {
            Simulation.concurrently(3) { _ in
              for _ in 0..<5 {
                lock.pointee.withLock { value in
                  let seen = value
                  Simulation.compute(steps: 3)
                  value = seen + 1
                }
              }
            }
            Simulation.check(lock.pointee.withLock { $0 } == 15, "an update was lost")
          }
        }
        #expect(report.failure == nil)
      }
    }

    @Test func eachThreadHasItsFloatingPointEnvironment() {
      let before = fegetround()
      let modes: [Int32] = [FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO]
      let report = Simulation(seed: 5, policy: .random(meanSteps: 1)).run {
        Simulation.concurrently(3) { client in
          fesetround(modes[client])
          for _ in 0..<20 {
            Simulation.compute(steps: 2)
            Simulation.check(fegetround() == modes[client], "client \(client) has another's rounding mode")
          }
        }
      }
      #expect(report.failure == nil)
      #expect(fegetround() == before)
    }

    @Test func nothingIsSimulatedOutside() {
      Simulation.concurrently(3) { _ in Issue.record("outside a simulation") }
      Simulation.compute(nanoseconds: 1_000_000_000_000)
      Simulation.check(false, "not in a simulation")
    }
  }
#endif
