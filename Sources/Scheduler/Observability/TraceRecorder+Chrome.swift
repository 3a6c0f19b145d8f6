internal import Glibc
internal import Synchronization

extension TraceRecorder {
  /// A recorder's file that cannot be written.
  public struct WriteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The system's error number.
    public let code: Int32

    /// A sentence: what, where, and why.
    public var description: String {
      "the trace cannot be written to “\(path)”: \(String(cString: strerror(code))); name a file in a folder that exists "
        + "and may be written to"
    }
  }

  /// What was recorded, in Chrome's trace format, which Perfetto (ui.perfetto.dev) opens.
  ///
  /// Each executor is a process with one row for each worker and one, below, for the critical path: the most expensive chain of
  /// tasks by their measured times, of every run whose tasks were all kept. Its tasks also have the argument
  /// `critical` and the category `critical`. Arguments name the run and the task's number.
  ///
  /// - Complexity: O(events + tasks and edges of the recorded graphs).
  public func chromeTraceJSON() -> String {
    let events = sortedEvents()
    let runs = contents.withLock { $0.runs }
    let critical = criticalTasks(events, runs)
    let origin = events.map(\.begin).min() ?? 0
    var lines: [String] = []
    for (process, slots) in slotCounts().enumerated() {
      lines.append(metadata("process_name", process, 0, "executor \(process)"))
      for slot in 0..<slots { lines.append(metadata("thread_name", process, slot, "worker \(slot)")) }
      lines.append(metadata("thread_name", process, slots, "critical path"))
    }
    for event in events {
      guard let graph = runs[event.run]?.graph else { continue }
      let isCritical = !event.isChunk && critical[event.run]?.contains(event.task) == true
      let name = graph.name(of: TaskID(event.task)) + (event.isChunk ? " [part]" : "")
      let category = event.isChunk ? "loop" : isCritical ? "task,critical" : "task"
      let head =
        "{\"ph\":\"X\",\"name\":\(quoted(name)),\"cat\":\"\(category)\",\"pid\":\(event.process),\"tid\":"
      let tail =
        ",\"ts\":\(microseconds(event.begin - origin)),\"dur\":\(microseconds(max(0, event.end - event.begin))),"
        + "\"args\":{\"graph\":\(quoted(graph.name)),\"run\":\(event.run),\"task\":\(event.task),"
        + "\"critical\":\(isCritical)}}"
      lines.append(head + "\(event.slot)" + tail)
      if isCritical { lines.append(head + "\(event.slots)" + tail) }
    }
    return "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n" + lines.joined(separator: ",\n") + "\n]}\n"
  }

  /// Writes `chromeTraceJSON()` to a file, replacing what was there.
  ///
  /// - Throws: `WriteError` when the file cannot be written whole.
  public func write(to path: String) throws(WriteError) {
    guard let file = fopen(path, "w") else { throw WriteError(path: path, code: errno) }
    var text = chromeTraceJSON()
    let isWritten = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
    let code = errno
    guard fclose(file) == 0, isWritten else { throw WriteError(path: path, code: isWritten ? errno : code) }
  }
}

/// One recorded event with its row.
struct TraceEvent: Hashable {
  let process: Int
  /// How many slots the process has.
  let slots: Int
  let slot: Int
  let run: UInt64
  let task: Int
  let isChunk: Bool
  let begin: Int64
  let end: Int64
}

extension TraceRecorder {
  /// Everything kept, by time.
  func sortedEvents() -> [TraceEvent] {
    var events: [TraceEvent] = []
    contents.withLock { contents in
      for (process, lanes) in contents.lanes.enumerated() {
        lanes.pointee.forEach { slot, run, task, begin, end in
          events.append(
            TraceEvent(
              process: process, slots: lanes.pointee.slotCount, slot: slot, run: run,
              task: Int(task & ~TraceLanes.chunk), isChunk: task & TraceLanes.chunk != 0, begin: begin,
              end: end))
        }
      }
    }
    return events.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }
  }

  private func slotCounts() -> [Int] { contents.withLock { $0.lanes.map { $0.pointee.slotCount } } }

  /// For each run whose tasks were all kept: the tasks of the path that took longest.
  private func criticalTasks(_ events: [TraceEvent], _ runs: [UInt64: RunInfo]) -> [UInt64: Set<Int>] {
    var times: [UInt64: [Int: Int64]] = [:]
    for event in events where !event.isChunk {
      times[event.run, default: [:]][event.task] = event.end - event.begin
    }
    var result: [UInt64: Set<Int>] = [:]
    for (run, measured) in times {
      guard let graph = runs[run]?.graph, measured.count == graph.taskCount else { continue }
      result[run] = graph.tables.longestPath { measured[$0] ?? 0 }
    }
    return result
  }

  private func metadata(_ kind: String, _ process: Int, _ thread: Int, _ name: String) -> String {
    "{\"ph\":\"M\",\"name\":\"\(kind)\",\"pid\":\(process),\"tid\":\(thread),\"args\":{\"name\":\(quoted(name))}}"
  }

  private func microseconds(_ nanoseconds: Int64) -> String {
    let rest = "\(nanoseconds % 1_000)"
    return "\(nanoseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  /// A string as JSON writes it.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
