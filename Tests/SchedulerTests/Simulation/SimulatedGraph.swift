#if DEBUG || TRIBUTARY_SIMULATION
  import Testing
  import TributaryTestSupport

  @testable import TributaryScheduler

  /// A graph whose bodies note in the log they are given, one for each run, when they begin and end, with a few steps in between.
  ///
  /// Plain variables throughout: one thread plays all.
  final class SimulatedGraph: @unchecked Sendable {
    // SAFETY: used within one simulation, that is by one thread.
    let graph: TaskGraph
    let predecessors: [[Int]]
    /// What a body does after the first half of its steps.
    var inside: (borrowing TaskContext, Int) throws -> Void = { _, _ in }

    init(_ dag: RandomDAG, cost: TaskCost = .unknown, nanoseconds: Int64 = 60) throws {
      var predecessors = [[Int]](repeating: [], count: dag.taskCount)
      for edge in dag.edges { predecessors[edge.to].append(edge.from) }
      self.predecessors = predecessors
      var builder = TaskGraphBuilder()
      let me = Reference()
      for task in 0..<dag.taskCount {
        builder.add("t\(task)", after: predecessors[task].map { TaskID($0) }, cost: cost) { context in
          guard let graph = me.graph, let log = SimulatedLog.of(context) else { return }
          log.begin(task, after: graph.predecessors[task], graph: graph, worker: context.workerIndex)
          defer { log.end(task) }
          Simulation.compute(nanoseconds: nanoseconds, steps: 1 + task % 3)
          try graph.inside(context, task)
          Simulation.compute(steps: 1)
        }
      }
      graph = try builder.build()
      me.graph = self
    }

    private final class Reference: @unchecked Sendable {
      // SAFETY: as above; set before any body runs.
      weak var graph: SimulatedGraph?
    }
  }

  /// What happened in one run of a `SimulatedGraph`.
  final class SimulatedLog {
    private enum State { case waiting, running, ended }
    private unowned let graph: SimulatedGraph
    private var states: [State]
    private var isRunning: [Int: Int] = [:]
    /// Set where bodies may be skipped.
    var mayBeShort = false
    /// What bodies are to do in this run, for tests that make some fail.
    var throwsError = false
    var token: CancellationToken?

    init(_ graph: SimulatedGraph) {
      self.graph = graph
      states = [State](repeating: .waiting, count: graph.graph.taskCount)
    }

    /// To hand to a run, which the caller lets the log outlive.
    var argument: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static func of(_ context: borrowing TaskContext) -> SimulatedLog? {
      context.argument.map { Unmanaged<SimulatedLog>.fromOpaque($0).takeUnretainedValue() }
    }

    var endedCount: Int { states.count { $0 == .ended } }

    func begin(_ task: Int, after predecessors: [Int], graph: SimulatedGraph, worker: Int) {
      Simulation.check(graph === self.graph, "task \(task) of another graph runs in this run")
      Simulation.check(states[task] == .waiting, "task \(task) runs twice")
      if !mayBeShort {
        for other in predecessors {
          Simulation.check(
            states[other] == .ended, "task \(task) begins before its predecessor \(other) has ended")
        }
      }
      states[task] = .running
    }

    func end(_ task: Int) { states[task] = .ended }

    /// Every task ran to its end.
    func checkWhole() {
      Simulation.check(endedCount == states.count, "\(states.count - endedCount) tasks did not run")
    }

    /// No task is under way.
    func checkOver() { Simulation.check(!states.contains(.running), "a task runs after the run's end") }
  }
#endif
