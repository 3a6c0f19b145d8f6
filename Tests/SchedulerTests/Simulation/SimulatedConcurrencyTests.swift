#if DEBUG || TRIBUTARY_SIMULATION
  import Synchronization
  import Testing
  import TributaryTestSupport

  @testable import TributaryScheduler

  /// The protocols of `Concurrency`, each alone, under many orders of their steps.
  @Suite(.serialized, .enabled(if: Simulation.isAvailable)) struct SimulatedConcurrencyTests {
    @Test func theDequeGivesEachTaskOnce() {
      simulate(seeds: 1_200) { seed in
        let deque = WorkStealingDequeTests.Deque(capacity: 4)
        var random = SplitMix64(seed: seed)
        let plan = (0..<12).map { _ in Int.random(in: 0..<3, using: &random) }
        var taken: [UInt32: Int] = [:]
        var pushed: UInt32 = 0
        var isOver = false
        func take(_ task: UInt32) {
          Simulation.check(task < pushed, "task \(task) was never pushed")
          taken[task, default: 0] += 1
          Simulation.check(taken[task] == 1, "task \(task) was taken twice")
        }
        Simulation.concurrently(3) { thread in
          guard thread == 0 else {
            while !isOver {
              if case .task(let task) = deque.view.steal() { take(task) } else { spinBriefly() }
            }
            return
          }
          func pop() {
            let task = deque.view.pop()
            if task != WorkStealingDeque.none { take(task) }
          }
          for choice in plan {
            if choice == 0 || deque.view.count == 4 {
              pop()
            } else if choice == 2, deque.view.count <= 2 {
              // Two at once, as after a task with several successors.
              let bottom = deque.view.privateBottom
              pushed += 2
              deque.view.privatePush(pushed - 2, at: bottom)
              deque.view.privatePush(pushed - 1, at: bottom + 1)
              deque.view.publish(bottom: bottom + 2)
            } else {
              pushed += 1
              deque.view.push(pushed - 1)
            }
          }
          while !deque.view.isEmpty { pop() }
          isOver = true
        }
        Simulation.check(taken.count == Int(pushed), "\(Int(pushed) - taken.count) tasks were lost")
        Simulation.check(deque.view.count == 0, "something is left")
      }
    }

    /// Takers sleep whenever they find nothing: a lost wake-up is a deadlock, a doubled one leaves something behind.
    @Test func theEventCountLosesNoWakeUp() {
      simulate(seeds: 1_200) { seed in
        let shared = EventCountTests.Shared()
        let word = UnsafeMutablePointer<TributaryScheduler.Atomic<Int>>.allocate(capacity: 1)
        word.initialize(to: TributaryScheduler.Atomic(0))
        defer { word.deallocate() }
        let total = 6
        var taken = 0
        func tryTake() -> Bool {
          let seen = word.pointee.load(ordering: .sequentiallyConsistent)
          return seen > 0
            && word.pointee.compareExchange(
              expected: seen, desired: seen - 1, ordering: .sequentiallyConsistent
            )
            .exchanged
        }
        Simulation.concurrently(5) { thread in
          if thread < 2 {
            for _ in 0..<total / 2 {
              Simulation.compute(steps: 1 + Int(seed) % 7)
              word.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
              if seed % 3 == 0 { shared.notifyAll() } else { shared.notifyOne() }
            }
            return
          }
          while taken < total {
            if tryTake() {
              taken += 1
              if taken == total { shared.notifyAll() }
              continue
            }
            shared.announce()
            if word.pointee.load(ordering: .sequentiallyConsistent) > 0 || taken == total {
              _ = shared.cancel()
            } else if thread == 4 {
              _ = shared.sleep(timeout: 200)
            } else {
              _ = shared.sleep()
            }
          }
        }
        Simulation.check(!shared.hasSleepers, "somebody is still announced")
        shared.announce()
        Simulation.check(!shared.sleep(timeout: 100), "a token is left")
      }
    }

    @Test func nobodyIsInsideAVacantGate() {
      simulate(seeds: 800) { _ in
        let gate = UnsafeMutablePointer<VisitGate>.allocate(capacity: 1)
        gate.initialize(to: VisitGate())
        defer { gate.deallocate() }
        var inside = 0
        var isChanging = false
        var isOver = false
        Simulation.concurrently(3) { thread in
          if thread == 0 {
            for _ in 0..<4 {
              while !gate.pointee.isVacant { spinBriefly() }
              Simulation.check(inside == 0, "a visitor is inside a vacant gate")
              isChanging = true
              Simulation.compute(steps: 3)
              isChanging = false
              gate.pointee.openGate()
              Simulation.compute(steps: 4)
              gate.pointee.closeGate()
            }
            isOver = true
            return
          }
          while !isOver {
            guard gate.pointee.enter() else {
              spinBriefly()
              continue
            }
            inside += 1
            Simulation.check(!isChanging, "a visitor entered a closed gate")
            Simulation.compute(steps: 2)
            inside -= 1
            gate.pointee.leave()
            spinBriefly()
          }
        }
      }
    }

    @Test func commitOrCancelAndOneErrorWin() {
      simulate(seeds: 400) { _ in
        let control = UnsafeMutablePointer<RunControl>.allocate(capacity: 1)
        control.initialize(to: RunControl())
        defer { control.deallocate() }
        var (skipped, committed, failed) = (0, 0, 0)
        Simulation.concurrently(4) { thread in
          switch thread {
          case 0: if control.pointee.skip(.cancelled) { skipped += 1 }
          case 1: if control.pointee.commit() { committed += 1 }
          default: if control.pointee.fail() { failed += 1 }
          }
        }
        Simulation.check(skipped + failed <= 1, "two reasons to skip or two errors")
        Simulation.check(committed == (control.pointee.isCommitted ? 1 : 0), "committed and not")
        Simulation.check(!(control.pointee.isCommitted && control.pointee.skips), "committed and skipping")
        Simulation.check(failed == (control.pointee.outcome == .taskFailed ? 1 : 0), "an error was lost")
      }
    }
  }
#endif
