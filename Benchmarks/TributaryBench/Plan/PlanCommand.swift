internal import ArgumentParser
internal import Foundation
internal import Tributary
internal import TributaryMeasuring
internal import TributaryWorkloads

/// What compiling a graph costs, phase by phase.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Microseconds per operator of compiling a graph: passes, plan, kernels, task graph.",
    discussion: """
      Times run from the finished graph to the executable, on one thread. Graphs of growing size: “dense” (dense layers \
      differentiated and updated), “dag” (small elementwise operators, forward), “recurrent” (unrolled, differentiated \
      and updated); then the workloads of the suite. Operators are those of the graph before any pass. “us per operator” is of the median, the phases' shares are of the \
      least time of each. “parallelism” is T₁/T∞ of the plan, by the cost model. --shapes compiles and runs a small training step \
      for many shapes through a cache of executables instead, and tells what memory that takes.
      """)

  @Option(
    help: ArgumentHelp("Numbers of operators, 10 to 1,000,000 each.", valueName: "n,n"),
    transform: { try AccumulateCommand.numbers($0, in: 10...1_000_000) })
  var operators: [Int] = [100, 1000, 10_000, 100_000]

  @Option(
    help: ArgumentHelp(
      "Graphs, with commas: kinds or workloads; all where not given.", valueName: "graph,graph"),
    transform: { $0.split(separator: ",").map(String.init) })
  var only: [String] = PlanSubject.Kind.allCases.map(\.rawValue) + Workload.suite.map(\.name)

  @Option(help: ArgumentHelp("A file to append a JSON object for each row to.", valueName: "file"))
  var json: String?

  @Option(help: ArgumentHelp("A folder to write the text of each plan to.", valueName: "folder"))
  var texts: String?

  @Option(help: "How finely plans cut work: default, fine, finest or whole.")
  var granularity = CutSize.default

  @Flag(help: "Print each phase on a line of its own, too.")
  var phases = false

  @Option(
    help: ArgumentHelp(
      "A number of input shapes, 1 to \(ShapeFlood.longestAxis * ShapeFlood.longestAxis), to go through with a cache of executables.",
      valueName: "n"))
  var shapes: Int?

  @Option(help: ArgumentHelp("The bound of that cache.", valueName: "MiB"))
  var cache = 16

  func validate() throws {
    let most = ShapeFlood.longestAxis * ShapeFlood.longestAxis
    if let shapes, !(1...most).contains(shapes) {
      throw ValidationError("--shapes \(shapes): give 1 to \(most)")
    }
    guard (0...1 << 20).contains(cache) else {
      throw ValidationError("--cache \(cache): give 0 to \(1 << 20)")
    }
  }

  func run() throws {
    if let shapes { return try flood(shapes) }
    var report = Report(
      [
        .init("graph", width: 12), .init("operators"), .init("tasks", width: 6), .init("peak_mb"),
        .init("first_ms"),
        .init("median_ms"), .init("min_ms"), .init("us_per_operator"), .init("passes_us"), .init("plan_us"),
        .init("kernels_us"),
        .init("tasks_us"), .init("slowest_phase", width: 22), .init("parallelism"),
      ], json: try json.map(JSONLines.init))
    for name in only {
      if let kind = PlanSubject.Kind(rawValue: name) {
        for count in operators { try measure(PlanSubject(kind, operators: count), &report) }
      } else {
        try measure(PlanSubject(Workload.named(name)), &report)
      }
    }
  }

  private func flood(_ shapes: Int) throws {
    var report = Report(
      [
        .init("shapes"), .init("kept"), .init("counted_mb"), .init("arenas_mb"), .init("heap_mb"),
        .init("rss_mb"),
        .init("us_per_shape"),
      ], json: try json.map(JSONLines.init))
    let flood = ShapeFlood(
      shapes: shapes, cacheBytes: cache << 20, executor: try GraphExecutor(workers: 1))
    try flood.run { try report.add($0) }
  }

  private func measure(_ subject: PlanSubject, _ report: inout Report) throws {
    let graph = try subject.graph()
    let times = min(max(200_000 / max(graph.nodes.count, 1), 5), 100)
    let it = try PlanMeasurement(graph, times: times, cuts: granularity)
    let perOperator = 1e6 / Double(max(it.operators, 1))
    func micros(_ names: Set<String>) -> Row.Cell {
      let sum = it.phases.reduce(0) { sum, phase in names.contains(phase.name) ? sum + phase.seconds : sum }
      return .number(sum * perOperator, decimals: 2)
    }
    let passes = Set(Graph.simplifications.map(\.name)).union(["joins"])
    let kernels: Set = ["kernels"]
    let tasks: Set = ["tasks", "addresses"]
    let plan = Set(it.phases.map(\.name)).subtracting(passes).subtracting(kernels).subtracting(tasks)
    let slowest = it.phases.max { $0.seconds < $1.seconds }
    try report.add(
      Row([
        "system": "tributary", "graph": .text(subject.name), "operators": .integer(it.operators),
        "tasks": .integer(it.executable.plan.taskCount),
        "peak_mb": .number(Double(it.executable.plan.peakBytes) / 1e6, decimals: 2),
        "first_ms": .number(it.firstSeconds * 1e3, decimals: 2),
        "median_ms": .number(it.total.median * 1e3, decimals: 2),
        "min_ms": .number(it.total.minimum * 1e3, decimals: 2),
        "us_per_operator": .number(it.total.median * perOperator, decimals: 2), "passes_us": micros(passes),
        "plan_us": micros(plan), "kernels_us": micros(kernels), "tasks_us": micros(tasks),
        "slowest_phase": .text(slowest?.name ?? ""),
        "parallelism": .number(it.executable.plan.parallelism, decimals: 1), "runs": .integer(it.total.count),
      ]))
    if phases {
      for phase in it.phases {
        let share = Row.Cell.number(phase.seconds * perOperator, decimals: 3)
        print(
          "    \(Report.padded(phase.name, 24, right: false))\(Report.padded(share.text, 8, right: true))")
      }
    }
    if let texts {
      let file = "\(texts)/\(subject.name)-\(it.operators).txt"
      do { try it.executable.plan.text.write(toFile: file, atomically: true, encoding: .utf8) } catch {
        throw BenchError("cannot write “\(file)”: give --texts a folder that there is")
      }
    }
  }
}
