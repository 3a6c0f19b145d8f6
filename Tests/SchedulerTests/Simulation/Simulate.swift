#if DEBUG || TRIBUTARY_SIMULATION
  import Glibc
  import Synchronization
  import Testing

  @testable import TributaryScheduler

  /// One policy of each kind, and some kinds at several scales.
  let simulatedPolicies: [SchedulingPolicy] = [
    .random(meanSteps: 1), .random(meanSteps: 6), .random(meanSteps: 40),
    .priorities(changes: 2, horizon: 500),
    .priorities(changes: 4, horizon: 3_000), .roundRobin(steps: 1), .delays(steps: 300),
    .delays(steps: 3_000),
  ]

  /// Simulates a body under so many seeds and one policy after the other, and records the first failure with all that is needed to
  /// repeat it. `TRIBUTARY_LONG_TESTS=1` takes twenty times as many seeds; `TRIBUTARY_SIMULATION_SEED=n` takes seed n under
  /// every policy and announces each, so that a crash can be repeated too.
  func simulate(
    seeds count: Int, stepLimit: Int = 300_000, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: @escaping (UInt64) throws -> Void
  ) {
    let only = getenv("TRIBUTARY_SIMULATION_SEED").flatMap { UInt64(String(cString: $0)) }
    let isLong = getenv("TRIBUTARY_LONG_TESTS").map { String(cString: $0) } == "1"
    let policies = UInt64(simulatedPolicies.count)
    for index in 0..<(only == nil ? UInt64(isLong ? 20 * count : count) : policies) {
      let seed = only ?? index
      var simulation = Simulation(seed: seed, policy: simulatedPolicies[Int(index % policies)])
      simulation.stepLimit = stepLimit
      if only != nil { print("simulating seed \(seed), policy \(simulation.policy)") }
      let report = simulation.run { try body(seed) }
      guard report.failure == nil else {
        Issue.record("\(report)", sourceLocation: sourceLocation)
        return
      }
    }
  }

  /// Runs a body with a new executor, which is shut down after it. The seed decides how long threads look for work before they
  /// sleep, from not at all.
  func withSimulatedExecutor(
    workers: Int, sharing: GraphExecutor.Sharing = .always, seed: UInt64,
    _ body: (GraphExecutor) throws -> Void
  ) throws {
    let spin = [0, 100, 400, 2_000][Int(seed) / simulatedPolicies.count % 4]
    let executor = try GraphExecutor(
      GraphExecutor.Configuration(
        workers: workers, pinning: .none, sharing: sharing, spin: .nanoseconds(spin)))
    Simulation.watch(executor)
    try body(executor)
    executor.shutdown()
  }

  extension GraphExecutor {
    /// The blocking run, without the asynchronous overload in the way.
    @discardableResult
    func runHere(
      _ graph: TaskGraph, _ argument: UnsafeMutableRawPointer? = nil, options: RunOptions = RunOptions()
    ) throws(RunFailure) -> RunReport {
      try runBlocking(graph, argument: argument, options: options)
    }
  }

  /// Waits, asleep, for something that happens once.
  final class SimulatedEvent: @unchecked Sendable {
    // SAFETY: an event count and an atomic; the memory is this object's.
    private let sleepers = UnsafeMutablePointer<EventCount>.allocate(capacity: 1)
    private let hasHappened = UnsafeMutablePointer<TributaryScheduler.Atomic<Bool>>.allocate(capacity: 1)

    init() {
      sleepers.initialize(to: EventCount())
      hasHappened.initialize(to: TributaryScheduler.Atomic(false))
    }

    deinit {
      sleepers.deallocate()
      hasHappened.deallocate()
    }

    func happen() {
      hasHappened.pointee.store(true, ordering: .sequentiallyConsistent)
      sleepers.pointee.notifyAll()
    }

    func wait() {
      while true {
        sleepers.pointee.announce()
        if hasHappened.pointee.load(ordering: .sequentiallyConsistent) { break }
        _ = sleepers.pointee.sleep()
      }
      _ = sleepers.pointee.cancel()
    }
  }
#endif
