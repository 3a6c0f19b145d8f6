internal import Synchronization

extension GraphExecutor {
  /// What every slot, run and counter looks like now, as text for people. Callable from any thread at any time; the
  /// figures are read one after the other, not at one instant.
  public func describeState() -> String { core.pointee.description }
}

extension ExecutorCore {
  /// Changes whenever a task ends.
  ///
  /// A thread reports what it has finished when it runs out of work; until then the task it works on tells.
  var progress: Int64 {
    var sum: Int64 = 0
    for index in 0..<slotCount {
      sum &+= slots[index].finished.load(ordering: .relaxed) &* 1_000_003
      sum &+= Int64(slots[index].task.load(ordering: .relaxed))
      sum &+= Int64(truncatingIfNeeded: slots[index].run.load(ordering: .relaxed)) &* 7_919
    }
    return sum
  }

  var description: String {
    var text =
      "executor: \(slotCount) slots, \(calls.load(ordering: .relaxed)) calls, \(openRuns.load(ordering: .relaxed)) open runs, "
      + "\(searching.load(ordering: .relaxed)) threads searching"
      + (idle.hasSleepers ? ", some asleep" : "") + (isClosed ? ", shut down\n" : "\n")
    for index in 0..<slotCount {
      let slot = slots + index
      let run = slot.pointee.run.load(ordering: .relaxed)
      text += "  slot \(index): "
      if run != 0 {
        text += "run \(run), task #\(slot.pointee.task.load(ordering: .relaxed))"
      } else {
        text += slot.pointee.isTaken ? "taken" : "free"
      }
      text += ", \(slot.pointee.finished.load(ordering: .relaxed)) tasks ended\n"
    }
    forEachState { text += description(of: $0) }
    return text
  }

  private func description(of state: RunPointer) -> String {
    guard state.pointee.beginInspection() else {
      return state.pointee.isLeased.load(ordering: .relaxed) ? "  a run on one thread\n" : ""
    }
    defer { state.pointee.endInspection() }
    let kind = state.pointee.loop != nil ? "loop" : state.pointee.group != nil ? "group" : "run"
    var text =
      "  \(kind) \(state.pointee.id): \(state.pointee.remaining.load(ordering: .relaxed)) left, "
      + "\(min(state.pointee.cursor.load(ordering: .relaxed), state.pointee.memory.cursorEnd)) of \(state.pointee.memory.cursorEnd) roots taken, "
      + "\(state.pointee.steals.load(ordering: .relaxed)) steals"
    if state.pointee.control.skips { text += ", skipping" }
    if state.pointee.control.isCommitted { text += ", committed" }
    if state.pointee.owners.hasSleepers { text += ", its caller sleeps" }
    let waiting = state.pointee.waiting.load(ordering: .relaxed)
    if waiting > 0 { text += ", \(waiting) wait for semaphores" }
    guard let tables = state.pointee.tables else { return text + "\n" }
    for slot in 0..<slotCount where !state.pointee.memory.deque(slot).isEmpty {
      text += ", deque \(slot) holds \(state.pointee.memory.deque(slot).count)"
    }
    var partly: [String] = []
    for task in 0..<tables.taskCount where partly.count < 8 {
      let left = state.pointee.memory.counters[task].load(ordering: .relaxed)
      let all = tables.records[task].dependencies
      if left != all { partly.append("#\(task) \(left)/\(all)") }
    }
    if !partly.isEmpty { text += "; waiting for predecessors: " + partly.joined(separator: ", ") }
    return text + "\n"
  }
}
