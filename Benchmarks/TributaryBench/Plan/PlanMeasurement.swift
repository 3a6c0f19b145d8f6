internal import Tributary
internal import TributaryAutodiff
internal import TributaryMeasuring

/// The times of compiling one graph, from the finished graph to the executable.
struct PlanMeasurement {
  /// The operators of the graph before any pass.
  let operators: Int
  /// The last executable made.
  let executable: Executable
  /// The seconds of the first compilation, with all that libraries set up at their first use.
  let firstSeconds: Double
  /// The seconds of each compilation.
  let total: Timings
  /// The least seconds of each phase, passes first.
  let phases: [(name: String, seconds: Double)]

  /// Compiles a graph so many times, after a first time that counts apart.
  /// - Throws: `GraphError` when it cannot be planned.
  init(_ graph: Graph, times: Int, cuts: CutSize = .default) throws {
    operators = graph.nodes.count { $0.appliedOperator != nil }
    var least: [(name: String, seconds: Double)] = []
    var executable: Executable?
    func compile() throws {
      var times: [(name: String, seconds: Double)] = []
      var simple = graph
      for pass in Graph.simplifications {
        let clock = ContinuousClock()
        let time = clock.measure { simple = pass.run(simple) }
        times.append((pass.name, time / .seconds(1)))
      }
      let made = try Executable(
        graph: simple, options: CompileOptions(granularity: cuts.granularity))
      times += made.phases.map { ($0.name, $0.seconds) }
      if least.isEmpty { least = times }
      for (index, time) in times.enumerated() {
        least[index].seconds = min(least[index].seconds, time.seconds)
      }
      executable = made
    }
    firstSeconds = try ContinuousClock().measure(compile) / .seconds(1)
    least = []
    total = try Timings(atLeast: times, compile)
    guard let executable else { throw BenchError("nothing was compiled") }
    self.executable = executable
    phases = least
  }
}
