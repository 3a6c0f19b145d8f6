#if DEBUG || TRIBUTARY_SIMULATION
  internal import CSchedulerShims
  internal import Glibc

  /// Runs code that uses several threads on one thread, in an order that is a function of a seed.
  ///
  /// ```swift
  /// let report = Simulation(seed: 7, policy: .random(meanSteps: 4)).run {
  ///   let executor = try GraphExecutor(GraphExecutor.Configuration(workers: 3, sharing: .always, spin: .nanoseconds(500)))
  ///   defer { executor.shutdown() }
  ///   try executor.run(graph)
  /// }
  /// ```
  ///
  /// The executor's own code runs, threads included; at every access to an atomic, at locks, in spin loops and where
  /// a thread sleeps or wakes another, the policy decides which thread goes on. Time is simulated too. The same seed, policy and
  /// code give the same order, so a failure can be repeated. See README.md, "Simulation".
  ///
  /// Every access is sequentially consistent here, so an ordering that is too weak is not found.
  struct Simulation {
    let seed: UInt64
    let policy: SchedulingPolicy
    /// After so many steps the simulation fails: something goes round for ever.
    var stepLimit = 2_000_000

    /// Whether this build can simulate: not under ThreadSanitizer.
    static var isAvailable: Bool { tributary_fibres_work() != 0 }

    init(seed: UInt64, policy: SchedulingPolicy) {
      self.seed = seed
      self.policy = policy
    }

    enum Failure: Error {
      /// Every thread waits for another.
      case deadlock
      /// Too many steps.
      case stepLimit
      /// The body's error.
      case thrown(any Error)
      /// What was found wrong.
      case wrong(String)
    }

    struct Report: CustomStringConvertible {
      let seed: UInt64
      let policy: SchedulingPolicy
      let steps: Int
      let switches: Int
      /// Simulated nanoseconds.
      let time: Int64
      /// A hash of every choice.
      let trace: UInt64
      let failure: Failure?
      /// The threads, and what was to be watched, at the moment of the failure.
      let state: String

      var description: String {
        let outcome = failure.map { "failed (\($0))" } ?? "went well"
        return
          "simulation \(outcome): seed \(seed), policy \(policy), \(steps) steps, \(switches) switches\n\(state)"
      }
    }

    /// Runs a body as the first thread and returns when all threads have ended, or when the simulation fails.
    ///
    /// A failure leaves the threads as they are, and with them their stacks and all they refer to; nothing is freed.
    func run(_ body: @escaping () throws -> Void) -> Report {
      precondition(tributary_simulation() == nil, "a simulation inside another")
      guard let host = tributary_fibre_adopt() else { preconditionFailure("out of memory") }
      _ = Topology.machine
      let state = UnsafeMutablePointer<SimulatorState>.allocate(capacity: 1)
      state.initialize(to: SimulatorState(host: host, policy: policy, seed: seed, stepLimit: stepLimit))
      let simulator = Simulator(state: state)
      _ = simulator.start(name: "main") {
        do {
          try body()
        } catch {
          simulator.fail(.thrown(error))
        }
      }
      tributary_set_simulation(state)
      tributary_fibre_switch(host, state.pointee.threads[0].fibre)
      tributary_set_simulation(nil)
      let report = simulator.report(seed: seed, policy: policy)
      if report.failure == nil {
        for thread in state.pointee.threads { tributary_fibre_destroy(thread.fibre) }
        tributary_fibre_destroy(host)
        state.deinitialize(count: 1)
        state.deallocate()
      }
      return report
    }
  }

  extension Simulator {
    fileprivate func report(seed: UInt64, policy: SchedulingPolicy) -> Simulation.Report {
      var text = ""
      if state.pointee.failure != nil {
        text = state.pointee.threads.enumerated().map { "  thread \($0): \($1)\n" }.joined()
        for describe in state.pointee.descriptions { text += describe() }
      }
      return Simulation.Report(
        seed: seed, policy: policy, steps: state.pointee.steps, switches: state.pointee.switches,
        time: state.pointee.now, trace: state.pointee.trace, failure: state.pointee.failure, state: text)
    }
  }

  /// What a simulated thread may do besides its work. Outside a simulation these do nothing.
  extension Simulation {
    /// Runs a body on so many threads at once and waits for their end.
    static func concurrently(_ count: Int, _ body: @escaping (Int) -> Void) {
      guard let simulator = Simulator.current else { return }
      let handles = (0..<count).map { index in simulator.start(name: "client") { body(index) } }
      for handle in handles { simulator.join(handle) }
    }

    /// Computes for some time, with so many steps on the way at which others may go on.
    static func compute(nanoseconds: Int64 = 0, steps: Int = 1) {
      guard let simulator = Simulator.current else { return }
      for _ in 0..<steps { simulator.pass(nanoseconds: nanoseconds / Int64(steps)) }
    }

    /// Ends the simulation as failed unless something holds.
    static func check(_ condition: Bool, _ message: @autoclosure () -> String) {
      if !condition { Simulator.current?.fail(.wrong(message())) }
    }

    /// Adds an executor's state to the report of a failure.
    static func watch(_ executor: GraphExecutor) {
      Simulator.current?.state.pointee.descriptions.append { [weak executor] in
        executor?.describeState() ?? ""
      }
    }
  }
#endif
