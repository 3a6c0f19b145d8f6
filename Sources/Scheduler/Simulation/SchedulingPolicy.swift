#if DEBUG || TRIBUTARY_SIMULATION

  /// Which simulated thread goes on, and for how many steps. All choices are functions of the simulation's seed.
  enum SchedulingPolicy: Hashable, Sendable {
    /// Any thread that can, for a random number of steps with this mean.
    case random(meanSteps: Int)
    /// The one of highest priority. Priorities are random, and at so many random moments of the first `horizon` steps the
    /// running thread falls to the lowest: a bug that needs d such moments is found with a probability of at least 1 ÷ (threads ·
    /// horizonᵈ), whatever else the program does. Burckhardt and others, *A Randomized Scheduler with Probabilistic
    /// Guarantees of Finding Bugs*, 2010. A thread in a spin loop falls to the lowest too, and one that
    /// others have kept waiting for long rises to the highest, or loops that wait for it would never end.
    case priorities(changes: Int, horizon: Int)
    /// Each in turn, for so many steps.
    case roundRobin(steps: Int)
    /// As `random`, but now and then the running thread stops for a random time of at most so many steps, as if the
    /// system had taken its processor away: what comes late is the classic enemy of lock-free code.
    case delays(steps: Int)
  }

  /// A policy at work.
  struct PolicyState {
    let policy: SchedulingPolicy
    private var random: SeededGenerator
    /// For `priorities`: the moments still to come, the latest first.
    private var changes: [Int] = []
    /// For `priorities`: the next lowest priority.
    private var lowest = 0
    /// For `priorities`: the next highest priority.
    private var highest = 1 << 31
    /// For `priorities`: the most steps that a thread that could go on is kept waiting.
    private static let longestWait = 4_000

    init(_ policy: SchedulingPolicy, random: SeededGenerator) {
      self.policy = policy
      self.random = random
      if case .priorities(let count, let horizon) = policy {
        changes = (0..<count).map { _ in self.random.below(horizon) }.sorted(by: >)
      }
    }

    /// Prepares a new thread.
    mutating func add(_ thread: inout SimulatedThread) { thread.priority = 1 + random.below(1 << 30) }

    /// Told when a thread gives way in a spin loop.
    mutating func giveWay(_ thread: inout SimulatedThread) {
      if case .priorities = policy { lower(&thread) }
    }

    private mutating func lower(_ thread: inout SimulatedThread) {
      lowest -= 1
      thread.priority = lowest
    }

    /// Chooses among the threads that can go on, of which there is at least one.
    ///
    /// - Parameters:
    ///   - threads: all threads.
    ///   - current: the one that ran last.
    ///   - step: how many steps there were.
    /// - Returns: the thread, and after how many steps to ask again.
    mutating func choose(
      _ threads: inout [SimulatedThread], current: Int, step: Int
    ) -> (thread: Int, steps: Int) {
      switch policy {
      case .random(let mean): return (any(of: threads), steps(mean: mean))
      case .roundRobin(let steps):
        var next = current
        repeat { next = next + 1 < threads.count ? next + 1 : 0 } while !threads[next].isRunnable
        return (next, steps)
      case .delays(let longest):
        if random.below(8) == 0 { threads[current].delayedUntil = step + 1 + random.below(longest) }
        let isOnTime = threads.contains { $0.isRunnable && $0.delayedUntil <= step }
        return (any(of: threads, onTimeAt: isOnTime ? step : nil), steps(mean: 8))
      case .priorities:
        while let change = changes.last, change <= step {
          changes.removeLast()
          lower(&threads[current])
        }
        var best = -1
        var longest = -1
        for index in threads.indices {
          guard threads[index].isRunnable else {
            threads[index].waitsSince = .max
            continue
          }
          threads[index].waitsSince = min(threads[index].waitsSince, step)
          if best < 0 || threads[index].priority > threads[best].priority { best = index }
          if longest < 0 || threads[index].waitsSince < threads[longest].waitsSince { longest = index }
        }
        if step - threads[longest].waitsSince >= PolicyState.longestWait {
          best = longest
          highest += 1
          threads[best].priority = highest
        }
        threads[best].waitsSince = .max
        return (best, min(PolicyState.longestWait, changes.last.map { $0 - step } ?? .max))
      }
    }

    /// A runnable thread, each with the same probability; with a step only one that is not delayed then.
    private mutating func any(of threads: [SimulatedThread], onTimeAt step: Int? = nil) -> Int {
      func counts(_ thread: SimulatedThread) -> Bool {
        thread.isRunnable && thread.delayedUntil <= step ?? .max
      }
      var left = random.below(threads.count(where: counts))
      for index in threads.indices where counts(threads[index]) {
        if left == 0 { return index }
        left -= 1
      }
      preconditionFailure("no thread can go on")
    }

    /// A number of steps, at least 1, of geometric distribution.
    private mutating func steps(mean: Int) -> Int {
      var steps = 1
      while random.below(mean) != 0 { steps += 1 }
      return steps
    }
  }

  /// Random numbers by seed. Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*, 2014.
  struct SeededGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }

    /// A number from 0 below a positive bound.
    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }
  }

#endif
