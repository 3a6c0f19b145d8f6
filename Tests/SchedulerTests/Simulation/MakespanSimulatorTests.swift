import Testing
import TributaryScheduler
import TributaryTestSupport

@Suite struct MakespanSimulatorTests {
  static let counts = [1, 2, 3, 7, 16, 100]

  /// A simulator of so many workers without places.
  static func simulator(
    _ workers: Int, _ overheads: MakespanSimulator.Overheads = .none
  ) throws -> MakespanSimulator {
    let machine = try Topology(synthetic: "core:128 pu:1")
    let placement = try Placement(topology: machine, request: ThreadCount.request(workers), policy: .none)
    return MakespanSimulator(placement: placement, overheads: overheads)
  }

  /// A graph of tasks with costs in microseconds.
  static func graph(_ costs: [Double], _ edges: [(from: Int, to: Int)] = []) throws -> TaskGraph {
    var builder = TaskGraphBuilder()
    for cost in costs { builder.add("", after: [], cost: .microseconds(cost)) { _ in } }
    for edge in edges { builder.precede(TaskID(edge.from), TaskID(edge.to)) }
    return try builder.build()
  }

  /// A random graph with random costs.
  static func graph(seed: UInt64, tasks: Int) throws -> TaskGraph {
    var random = SplitMix64(seed: seed)
    let dag = RandomDAG(seed: seed, tasks: tasks)
    return try graph((0..<tasks).map { _ in Double(Int.random(in: 1...500, using: &random)) / 10 }, dag.edges)
  }

  private func expectClose(_ a: Double, _ b: Double, _ text: String = "") {
    #expect(abs(a - b) <= 1e-9 * max(abs(a), abs(b)), "\(a) is not \(b) \(text)")
  }

  @Test(arguments: counts) func chainsGainNothing(_ workers: Int) throws {
    let graph = try Self.graph((0..<50).map { Double($0) }, (1..<50).map { ($0 - 1, $0) })
    let prediction = try Self.simulator(workers).predict(graph)
    expectClose(prediction.seconds, 49 * 50 / 2 * 1e-6)
    #expect(prediction.steals == 0)
    expectClose(prediction.speedUp, 1)
    expectClose(prediction.utilization, 1 / Double(workers))
  }

  @Test(arguments: counts) func independentTasksAreShared(_ workers: Int) throws {
    for tasks in [1, 5, 99, 100, 1_000] {
      let graph = try Self.graph(Array(repeating: 3, count: tasks))
      let prediction = try Self.simulator(workers).predict(graph)
      expectClose(prediction.seconds, Double((tasks + workers - 1) / workers) * 3e-6, "\(tasks) tasks")
    }
  }

  @Test(arguments: counts) func forksAndJoinsTakeRounds(_ workers: Int) throws {
    var costs: [Double] = [2]
    var edges: [(from: Int, to: Int)] = []
    for _ in 0..<4 {
      let fork = costs.count - 1
      let join = costs.count + 12
      for task in fork + 1..<join { edges += [(fork, task), (task, join)] }
      costs += Array(repeating: 5, count: 12) + [2]
    }
    let prediction = try Self.simulator(workers).predict(try Self.graph(costs, edges))
    let rounds = Double((12 + workers - 1) / workers)
    expectClose(prediction.seconds, (2 + 4 * (rounds * 5 + 2)) * 1e-6)
  }

  /// Without overheads no worker idles while a task is ready, so Graham's bound of 1969 holds.
  @Test(arguments: 0..<40 as Range<UInt64>) func greedySchedulesKeepGrahamsBound(_ seed: UInt64) throws {
    let graph = try Self.graph(seed: seed, tasks: 20 + Int(seed) * 13)
    for workers in Self.counts {
      let prediction = try Self.simulator(workers).predict(graph)
      let (work, path) = (graph.work.seconds, graph.criticalPath.seconds)
      expectClose(prediction.workSeconds, work)
      expectClose(prediction.criticalPathSeconds, path)
      let share = work / Double(workers)
      #expect(prediction.seconds >= max(share, path) * (1 - 1e-9))
      #expect(prediction.seconds <= (share + path * (1 - 1 / Double(workers))) * (1 + 1e-9))
    }
  }

  /// The timeline is a schedule: every task once, after its predecessors, and one at a time on each worker.
  @Test(arguments: [MakespanSimulator.Overheads.none, .typical]) func timelinesAreSchedules(
    _ overheads: MakespanSimulator.Overheads
  ) throws {
    for seed in 0..<20 as Range<UInt64> {
      let graph = try Self.graph(seed: seed, tasks: 150)
      for workers in Self.counts {
        let prediction = try Self.simulator(workers, overheads).predict(graph)
        #expect(prediction.timeline.count == workers && prediction.workers == workers)
        var ends = [Double](repeating: -1, count: graph.taskCount)
        var begins = ends
        for lane in prediction.timeline {
          for (earlier, later) in zip(lane, lane.dropFirst()) { #expect(earlier.end <= later.begin) }
          for interval in lane {
            #expect(ends[interval.task.index] < 0)
            begins[interval.task.index] = interval.begin
            ends[interval.task.index] = interval.end
            let time = graph.cost(of: interval.task).seconds
            #expect(abs(interval.end - interval.begin - time) < 1e-11)
          }
        }
        #expect(ends.allSatisfy { $0 >= 0 } && ends.max() == prediction.seconds)
        for task in 0..<graph.taskCount {
          for successor in graph.successors(of: TaskID(task)) {
            #expect(ends[task] <= begins[successor.index])
          }
        }
      }
    }
  }

  @Test func oneWorkerTakesTheWorkAndItsOverhead() throws {
    let graph = try Self.graph(seed: 9, tasks: 200)
    let bare = try Self.simulator(1).predict(graph)
    #expect(bare.seconds == graph.work.seconds)
    let prediction = try Self.simulator(1, .typical).predict(graph)
    expectClose(prediction.seconds, graph.work.seconds + 200 * 50e-9)
    #expect(prediction.steals == 0 && prediction.wakes == 0)
  }

  /// The tasks in the order in which one worker ran them.
  final class Order: @unchecked Sendable {
    // SAFETY: an executor with one worker runs every body on the thread that calls.
    var tasks: [Int] = []
  }

  /// With one worker nothing is left to chance: the executor takes the tasks in the very order predicted.
  @Test(arguments: 0..<60 as Range<UInt64>) func oneWorkersOrderIsTheExecutors(_ seed: UInt64) throws {
    let dag = RandomDAG(seed: seed, tasks: 10 + 5 * Int(seed))
    var random = SplitMix64(seed: seed)
    let order = Order()
    var builder = TaskGraphBuilder()
    for task in 0..<dag.taskCount {
      let cost = TaskCost.microseconds(Double(Int.random(in: 1...9, using: &random)))
      builder.add("", after: [], cost: cost) { _ in order.tasks.append(task) }
    }
    for edge in dag.edges { builder.precede(TaskID(edge.from), TaskID(edge.to)) }
    let graph = try builder.build()
    try GraphExecutor(GraphExecutor.Configuration(workers: 1, sharing: .always)).run(graph)
    let prediction = try Self.simulator(1, .typical).predict(graph)
    #expect(order.tasks == prediction.timeline[0].map(\.task.index))
  }

  @Test func equalInputsGiveEqualPredictions() throws {
    let machine = try Topology(synthetic: "pack:2 numa:2 l3:2 core:4 pu:2")
    let graph = try Self.graph(seed: 4, tasks: 400)
    for workers in [1, 8, 32, 64] {
      let placement = try Placement(topology: machine, request: ThreadCount.request(workers))
      let simulator = MakespanSimulator(placement: placement)
      #expect(simulator.predict(graph) == simulator.predict(graph))
    }
  }

  /// Two tasks behind a fork, on two workers: what each overhead adds is known.
  @Test func overheadsAddUp() throws {
    let graph = try Self.graph([10, 100, 100], [(0, 1), (0, 2)])
    func seconds(_ overheads: MakespanSimulator.Overheads, _ placement: Placement? = nil) throws -> Double {
      let simulator =
        try placement.map { MakespanSimulator(placement: $0, overheads: overheads) }
        ?? Self.simulator(2, overheads)
      return simulator.predict(graph).seconds * 1e6
    }
    expectClose(try seconds(.none), 110)
    expectClose(try seconds(.init(task: .microseconds(1))), 112)
    expectClose(try seconds(.init(steal: .microseconds(3))), 113)
    expectClose(try seconds(.init(wake: .microseconds(7))), 117)
    // Nobody helps who would come too late.
    expectClose(try seconds(.init(wake: .microseconds(150))), 210)

    // Two cores on one socket, under two caches, and on two sockets.
    let far = MakespanSimulator.Overheads(
      steal: .microseconds(1), acrossL3: .microseconds(10), acrossNode: .microseconds(20),
      acrossPackage: .microseconds(40))
    for (machine, extra) in [
      ("pack:1 l3:1 core:2 pu:1", 1.0), ("pack:1 l3:2 core:1 pu:1", 11),
      ("pack:2 numa:1 l3:1 core:1 pu:1", 71),
    ] {
      let placement = try Placement(
        topology: Topology(synthetic: machine), request: ThreadCount.request(2))
      #expect(placement.workers.allSatisfy { $0.isPinned })
      expectClose(try seconds(far, placement), 110 + extra, machine)
    }
  }

  /// Whoever finished lately still looks for work; whoever has looked long enough must be woken again.
  @Test func sleepersAreWokenAgain() throws {
    // A fork of two, a long task, and another fork of two.
    let graph = try Self.graph(
      [1, 10, 10, 80, 1, 10, 10], [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (4, 5), (4, 6)])
    func run(_ spin: Double) throws -> MakespanPrediction {
      try Self.simulator(2, .init(wake: .microseconds(2), spin: .microseconds(spin))).predict(graph)
    }
    let (patient, sleepy) = (try run(1_000), try run(50))
    #expect(patient.wakes == 1 && sleepy.wakes == 2)
    expectClose(sleepy.seconds, patient.seconds + 2e-6)
  }

  @Test func measuredCostsReplaceTheGraphs() throws {
    let graph = try Self.graph([1, 1, 1, 1])
    let costs = [40.0, 10, 10, 10].map { TaskCost.microseconds($0) }
    let prediction = try Self.simulator(2).predict(graph, costs: costs)
    expectClose(prediction.seconds, 40e-6)
    expectClose(prediction.criticalPathSeconds, 40e-6)
    expectClose(prediction.workSeconds, 70e-6)
    let error = #expect(throws: SchedulerError.self) {
      try Self.simulator(2).predict(graph, costs: [.unknown])
    }
    #expect(error?.code == .wrongCostCount)
  }

  @Test func nothingTakesNoTime() throws {
    let prediction = try Self.simulator(4).predict(try TaskGraphBuilder().build())
    #expect(prediction.seconds == 0 && prediction.speedUp == 1 && prediction.timeline == [[], [], [], []])
    // Costs beyond all bounds saturate.
    let endless = try Self.graph([.infinity, .infinity], [(0, 1)])
    let forever = try Self.simulator(2).predict(endless)
    #expect(forever.seconds > 1e6)
  }

  /// More workers than the graph is wide change nothing, and wide graphs use all there are.
  @Test func moreWorkersHelpWideGraphs() throws {
    let wide = try Self.graph(Array(repeating: 20, count: 4_096))
    var last = Double.infinity
    for workers in [1, 2, 4, 8, 16, 32, 64] {
      let seconds = try Self.simulator(workers, .typical).predict(wide).seconds
      #expect(seconds < last)
      last = seconds
    }
    let narrow = try Self.graph(seed: 2, tasks: 300)
    let simulated = try [300, 1_000].map { try Self.simulator($0).predict(narrow).seconds }
    #expect(simulated[0] == simulated[1])
    expectClose(simulated[0], narrow.criticalPath.seconds)
  }
}
