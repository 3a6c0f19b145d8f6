internal import TributaryOps
internal import TributaryScheduler

extension Plan {
  /// One line: tasks, work, critical path, parallelism, and the peak bytes on one worker by their parts.
  public var summary: String {
    "\(taskCount) tasks, \(dataEdgeCount) edges and \(memoryEdgeCount) for memory, T₁ \(Plan.time(work.seconds)), "
      + "T∞ \(Plan.time(criticalPath.seconds)), T₁/T∞ \(Plan.decimal(parallelism, 2)), peak \(Plan.bytes(peakBytes)) "
      + "(\(memory().parts(of: " for \(Plan.bytes(valueBytes)) of values")))"
      + (nestedBytes > 0 ? ", of it bodies of loops and branches \(Plan.bytes(nestedBytes))" : "")
      + (recomputedCount > 0 ? ", \(recomputedCount) operators computed again" : "")
  }

  /// The summary and one line a task: number, predecessors (those that only memory asks for after a bar), cost and what
  /// it runs, each with the place of what it writes. A value is named by its step, `%7`.
  public var text: String {
    var lines = ["plan \(fingerprint)", summary]
    for task in 0..<taskCount {
      var after = tasks.predecessors(of: task).sorted().map { "#\($0)" }
      if keepsMemoryEdges, !memoryPredecessors[task].isEmpty {
        after += ["|"] + memoryPredecessors[task].sorted().map { "#\($0)" }
      }
      lines.append(
        "#\(task)" + (after.isEmpty ? "" : " after " + after.joined(separator: " "))
          + ", \(Plan.time(tasks.seconds[task]))")
      for unit in tasks.units(of: task) { lines.append("  " + describe(unit: Int(unit))) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The task graph in Graphviz' language, memory edges dashed.
  public var dot: String {
    var lines = ["digraph plan {", "  label=\"\(summary)\";", "  node [shape=box];"]
    for task in 0..<taskCount {
      let name = taskName(task).map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
      lines.append("  t\(task) [label=\"#\(task) \(name)\\n\(Plan.time(tasks.seconds[task]))\"];")
    }
    for task in 0..<taskCount {
      for predecessor in tasks.predecessors(of: task).sorted() {
        lines.append("  t\(predecessor) -> t\(task);")
      }
      guard keepsMemoryEdges else { continue }
      for predecessor in memoryPredecessors[task].sorted() {
        lines.append("  t\(predecessor) -> t\(task) [style=dashed];")
      }
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }

  /// The name of a task in traces and errors: its first step's, and how many more.
  func taskName(_ task: Int) -> String {
    let members = tasks.units(of: task)
    guard let first = members.first else { return "" }
    let name = unitName(Int(first))
    return members.count == 1 ? name : "\(name) + \(members.count - 1)"
  }

  private func unitName(_ unit: Int) -> String {
    let step = units.step[unit]
    if step < 0 { return "gate" }
    return graph.steps[Int(step)].name + (units.region(of: unit).map { " \($0)" } ?? "")
  }

  private func describe(unit: Int) -> String {
    guard units.step[unit] >= 0 else { return "gate" }
    let step = graph.steps[Int(units.step[unit])]
    let inputs = step.inputs.map { "%\(graph.values[$0].step)" }
    let outputs = (step.firstOutput..<step.firstOutput + step.outputCount).map { value in
      let place = self.place(of: value)
      return "\(graph.values[value].type) at \(place.space)+\(place.offset)"
    }
    return
      "%\(units.step[unit]) \(unitName(unit)) = \(step.applied!.name)(\(inputs.joined(separator: ", "))): "
      + outputs.joined(separator: ", ")
  }

  /// Seconds for people: `12.3 µs`.
  static func time(_ seconds: Double) -> String {
    switch seconds {
    case ..<1e-6: "\(decimal(seconds * 1e9, 0)) ns"
    case ..<1e-3: "\(decimal(seconds * 1e6, 1)) µs"
    case ..<1: "\(decimal(seconds * 1e3, 1)) ms"
    default: "\(decimal(seconds, 2)) s"
    }
  }

  /// Bytes for people: `12.3 MB`.
  static func bytes(_ count: Int) -> String {
    switch count {
    case ..<1000: "\(count) B"
    case ..<1_000_000: "\(decimal(Double(count) / 1e3, 1)) kB"
    case ..<1_000_000_000: "\(decimal(Double(count) / 1e6, 1)) MB"
    default: "\(decimal(Double(count) / 1e9, 2)) GB"
    }
  }

  /// A number with a fixed number of decimals.
  static func decimal(_ value: Double, _ places: Int) -> String {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((value * Double(scale)).rounded())
    guard places > 0 else { return "\(scaled)" }
    let fraction = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
  }
}
