internal import ArgumentParser
internal import TributaryMeasuring
internal import TributaryScheduler

/// The scheduler's own cost: graphs of empty tasks, built once and run again and again.
struct OverheadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overhead",
    abstract: "Nanoseconds per empty task of six graph shapes, the median over runs.",
    discussion: """
      The shapes are those of Benchmarks/Peers/workloads.md, which dag_tbb.cpp beside it runs on oneTBB. Each graph is \
      built once, run 3 times to warm up and then 40 times, or as often as --seconds allows if that is more. \
      Empty tasks are seldom worth sharing, so that one thread runs most of these graphs; --sharing always shows what \
      sharing them costs.
      """)

  @OptionGroup var options: BenchOptions

  @Option(
    help: ArgumentHelp("Shapes, with commas; all where not given.", valueName: "shape,shape"),
    transform: OverheadCommand.shapes)
  var only: [SchedulerShape] = SchedulerShape.all

  @Option(
    help: ArgumentHelp(
      "When runs are opened to other threads: “worthwhile”, “always” or “never”.", valueName: "when"))
  var sharing = Sharing.worthwhile

  /// The executor's setting of that name.
  enum Sharing: String, CaseIterable, ExpressibleByArgument {
    case worthwhile
    case always
    case never

    /// The setting.
    var setting: GraphExecutor.Sharing {
      switch self {
      case .worthwhile: return .whenWorthwhile
      case .always: return .always
      case .never: return .never
      }
    }
  }

  func run() throws {
    var report = Report(
      [
        .init("shape", width: 18), .init("threads"), .init("tasks", width: 6),
        .init("ns_per_task", width: 12),
        .init("min_ns_per_task"), .init("runs"),
      ], json: try options.jsonFile())
    for threads in try options.threadCounts() {
      let executor = try GraphExecutor(
        GraphExecutor.Configuration(workers: threads, sharing: sharing.setting))
      for shape in only { try report.add(try measure(shape, threads, on: executor)) }
      executor.shutdown()
    }
  }

  private func measure(_ shape: SchedulerShape, _ threads: Int, on executor: GraphExecutor) throws -> Row {
    let graph = try shape.graph()
    for _ in 0..<3 { _ = try executor.run(graph) }
    let timings = try Timings(atLeast: 40, seconds: options.seconds ?? 0) { _ = try executor.run(graph) }
    let tasks = Double(shape.taskCount)
    return Row([
      "system": "tributary", "shape": .text(shape.name), "threads": .integer(threads),
      "tasks": .integer(shape.taskCount), "ns_per_task": .number(timings.median * 1e9 / tasks, decimals: 2),
      "min_ns_per_task": .number(timings.minimum * 1e9 / tasks, decimals: 2), "runs": .integer(timings.count),
      "sharing": .text(sharing.rawValue),
    ])
  }

  /// A list of shapes as in `chain-65536,small-40`.
  static func shapes(_ text: String) throws -> [SchedulerShape] {
    var shapes: [SchedulerShape] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let shape = SchedulerShape.all.first(where: { $0.name == name }) else {
        let known = SchedulerShape.all.map(\.name).joined(separator: ", ")
        throw ValidationError("“\(name)” is no shape: choose from \(known)")
      }
      shapes.append(shape)
    }
    return shapes
  }
}

extension SchedulerShape {
  /// The shape as a graph of tasks that all do the same, by default nothing.
  func graph(
    _ body: @escaping @Sendable (borrowing TaskContext) throws -> Void = { _ in }
  ) throws(SchedulerError) -> TaskGraph {
    var builder = TaskGraphBuilder(name: name)
    for _ in 0..<taskCount { builder.add(body: body) }
    for (task, successors) in successors.enumerated() {
      for successor in successors { builder.precede(TaskID(task), TaskID(successor)) }
    }
    return try builder.build()
  }
}
