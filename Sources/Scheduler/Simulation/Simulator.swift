#if DEBUG || TRIBUTARY_SIMULATION
  internal import CSchedulerShims

  /// Plays several threads on one: all run as fibres, one at a time, and at every step a policy may let another go on.
  ///
  /// A view of a simulation's state. What runs between two steps is not interrupted, so the state needs no protection; but
  /// no inout access to it may be open where fibres are switched.
  struct Simulator {
    let state: UnsafeMutablePointer<SimulatorState>

    /// The simulation that the calling thread plays a part in.
    @inline(__always)
    static var current: Simulator? {
      tributary_simulation().map { Simulator(state: $0.assumingMemoryBound(to: SimulatorState.self)) }
    }

    /// Lets another thread of the simulation go on, if the calling one is part of any.
    @inline(__always)
    static func step() {
      if let raw = tributary_simulation() {
        Simulator(state: raw.assumingMemoryBound(to: SimulatorState.self)).step()
      }
    }

    /// How long a step takes in the simulated time, in nanoseconds.
    static let stepTime: Int64 = 10

    func step() {
      state.pointee.steps &+= 1
      state.pointee.now &+= Simulator.stepTime
      state.pointee.untilChoice &-= 1
      if state.pointee.untilChoice > 0, state.pointee.now < state.pointee.nextTimer { return }
      goOn()
    }

    /// Lets the policy choose who goes on, and returns when that is the calling thread again.
    func goOn() {
      let (from, to) = state.pointee.choose()
      if from != to { tributary_fibre_switch(from, to) }
    }

    /// The end of the running thread.
    func end() -> Never {
      let mine = state.pointee.current
      for index in state.pointee.threads.indices where state.pointee.threads[index].state == .joining(mine) {
        state.pointee.threads[index].state = .runnable
      }
      state.pointee.threads[mine].state = .ended
      let (from, to) = state.pointee.choose()
      tributary_fibre_end(from, to)
    }

    /// Ends the simulation with a failure. Does not return: the stacks of all threads stay as they are.
    func fail(_ failure: Simulation.Failure) -> Never {
      let from = state.pointee.threads[state.pointee.current].fibre
      state.pointee.failure = failure
      tributary_fibre_end(from, state.pointee.host)
    }
  }

  /// What a simulation knows.
  struct SimulatorState: ~Copyable {
    /// The stack that started the simulation.
    let host: OpaquePointer
    let stepLimit: Int
    var policy: PolicyState
    var threads: [SimulatedThread] = []
    /// The thread that runs.
    var current = 0
    var steps = 0
    var switches = 0
    /// Simulated nanoseconds.
    var now: Int64 = 0
    /// The policy is asked after so many steps.
    var untilChoice = 1
    /// When the next sleeper with a limit wakes, or `Int64.max`.
    var nextTimer = Int64.max
    /// A hash of all choices: simulations that went the same way have the same.
    var trace: UInt64 = 0xCBF2_9CE4_8422_2325
    var failure: Simulation.Failure?
    /// Texts for the report of a failure.
    var descriptions: [() -> String] = []

    init(host: OpaquePointer, policy: SchedulingPolicy, seed: UInt64, stepLimit: Int) {
      self.host = host
      self.stepLimit = stepLimit
      self.policy = PolicyState(policy, random: SeededGenerator(seed: seed))
    }

    /// Chooses the next thread.
    ///
    /// - Returns: the fibre that runs, and the one to switch to: the host's when all threads have ended or none will ever go on.
    mutating func choose() -> (from: OpaquePointer, to: OpaquePointer) {
      let from = threads[current].fibre
      if now >= nextTimer { wakeTimers() }
      while !threads.contains(where: { $0.isRunnable }) {
        if nextTimer == .max {
          if !threads.allSatisfy({ $0.state == .ended }) { failure = .deadlock }
          return (from, host)
        }
        now = nextTimer
        wakeTimers()
      }
      if steps > stepLimit {
        failure = .stepLimit
        return (from, host)
      }
      let choice = policy.choose(&threads, current: current, step: steps)
      untilChoice = min(choice.steps, 10_000)
      trace = (trace ^ UInt64(choice.thread) ^ UInt64(steps) << 8) &* 0x0000_0100_0000_01B3
      if choice.thread != current {
        switches += 1
        current = choice.thread
      }
      return (from, threads[current].fibre)
    }

    private mutating func wakeTimers() {
      nextTimer = .max
      for index in threads.indices {
        guard case .asleep(_, let time) = threads[index].state else { continue }
        if time <= now {
          threads[index].state = .runnable
        } else {
          nextTimer = min(nextTimer, time)
        }
      }
    }
  }
#endif
