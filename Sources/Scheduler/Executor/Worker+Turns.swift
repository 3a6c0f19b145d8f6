internal import Synchronization

/// When a thread gives its slot up although there are tasks left: so that whoever is in line gets a turn.
extension Worker {
  /// Why a thread works on a run.
  enum Role {
    /// It waits for the run from within a body, or nobody else may run the graph: it keeps its slot to the end.
    case nested
    /// It called `run`, and has a turn of some length.
    case caller
    /// It is a pool thread that does the caller's part in an asynchronous run.
    case server
    /// It is a pool thread that has nothing better to do.
    case helper
  }

  /// Nanoseconds of a turn. Long against handing a slot over, short against what people notice; untuned.
  private static let quantum: Int64 = 1_000_000
  /// The most tasks between two looks at who is in line. Untuned.
  private static let longestTurn = 64

  /// How many tasks to run between two looks: few where they are known to be long.
  var turnLength: Int {
    let expected = run.pointee.expected
    if expected <= 0 { return Worker.longestTurn }
    let (tasks, overflow) = Worker.quantum.multipliedReportingOverflow(by: Int64(tables.taskCount))
    return overflow ? Worker.longestTurn : Int(max(1, min(Int64(Worker.longestTurn), tasks / expected)))
  }

  /// Whether this thread is to leave the run to others now.
  mutating func isTurnOver() -> Bool {
    // ORDERING: `openRuns` is relaxed; a hint.
    switch role {
    case .nested: false
    case .caller: core.pointee.line.hasWaiters && hasHadItsTime()
    case .server:
      (core.pointee.line.hasWaiters || core.pointee.line.isShortOfServers) && hasHadItsTime()
    case .helper:
      core.pointee.openRuns.load(ordering: .relaxed) > 1 || core.pointee.line.hasWaiters
        || core.pointee.line.isShortOfServers
    }
  }

  /// Whether the thread has had its turn since it first saw somebody waiting.
  private mutating func hasHadItsTime() -> Bool {
    let now = monotonicNanoseconds()
    if turnBegan == 0 { turnBegan = now }
    return now &- turnBegan >= Worker.quantum
  }
}
