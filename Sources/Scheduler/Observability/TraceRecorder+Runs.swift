internal import Synchronization

/// A recorded run whose tasks were all kept.
package struct RecordedRun: Sendable {
  /// A task's body, or a chunk of a parallel loop inside it, on one worker.
  package struct Part: Sendable {
    /// The task's number.
    package let task: Int
    /// The slot of the worker.
    package let worker: Int
    /// When it began and ended, in nanoseconds of the monotonic clock.
    package let time: Range<Int64>
    /// Whether it is a chunk.
    package let isChunk: Bool
  }

  /// The run's times and counts.
  package let report: RunReport
  /// The parts, by time.
  package let parts: [Part]
}

extension TraceRecorder {
  /// Notes how a run ended.
  func end(run: UInt64, _ report: RunReport) { contents.withLock { $0.runs[run]?.report = report } }

  /// The runs of a graph that have ended and whose tasks were all kept, in no order. One that skipped tasks is
  /// left out.
  ///
  /// - Complexity: O(n log n) in the events kept.
  package func wholeRuns(of graph: TaskGraph) -> [RecordedRun] {
    let reports = contents.withLock { contents in
      contents.runs.compactMapValues { $0.graph === graph ? $0.report : nil }
    }
    var parts: [UInt64: [RecordedRun.Part]] = [:]
    for event in sortedEvents() where reports[event.run] != nil {
      parts[event.run, default: []].append(
        RecordedRun.Part(
          task: event.task, worker: event.slot, time: event.begin..<max(event.begin, event.end),
          isChunk: event.isChunk))
    }
    return parts.compactMap { run, parts in
      guard let report = reports[run], parts.count(where: { !$0.isChunk }) == graph.taskCount else {
        return nil
      }
      return RecordedRun(report: report, parts: parts)
    }
  }
}

extension TraceLanes {
  /// Notes how a run that is recorded here ended.
  func end(run: UInt64, _ report: RunReport) {
    recorder._withUnsafeGuaranteedRef { $0.end(run: run, report) }
  }
}
