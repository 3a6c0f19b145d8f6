internal import Synchronization

/// What a task of a graph with conditions has been told by its predecessors: a word of the run's memory, 0 between runs.
///
/// The words are set before the count-down of the task that they belong to, and read and reset by the worker that executes
/// it. See README.md, "Conditions".
enum TaskMark {
  /// Some predecessor was not skipped.
  static let reached: UInt32 = 1
  /// Some condition before the task did not choose it.
  static let rejected: UInt32 = 2
  /// Where a condition keeps its choice, plus one, from its body until its successors are marked.
  static let choiceShift: UInt32 = 8
}

extension Worker {
  /// Runs or skips a task of a graph with conditions or semaphores, and marks its successors, which `release` then counts down
  /// as usual.
  ///
  /// - Returns: false when the task waits for a semaphore.
  mutating func executeMarked(_ task: UInt32, _ extras: UnsafeMutablePointer<GraphExtras>) -> Bool {
    guard let branches = extras.pointee.branches, let marks = run.pointee.memory.marks else {
      return executeLimited(task, extras, isSkipped: run.pointee.control.skips)
    }
    // ORDERING: every access to marks is relaxed: those of a task's predecessors come before its last count-down, which its
    // worker acquired; this reset comes before the run's end, hence before the next run's marks.
    let mark = marks[Int(task)].load(ordering: .relaxed)
    let isRoot = tables.records[Int(task)].dependencies == 0
    let isChosen = isRoot || mark & (TaskMark.reached | TaskMark.rejected) == TaskMark.reached
    let skips = run.pointee.control.skips
    guard executeLimited(task, extras, isSkipped: skips || !isChosen) else { return false }
    let choice = takeChoice(marks + Int(task))
    if !isChosen, !skips { run.pointee.conditionSkips.wrappingAdd(1, ordering: .relaxed) }
    markSuccessors(of: task, isSkipped: !isChosen, choice: choice, marks, branches)
    return true
  }

  private mutating func executeLimited(
    _ task: UInt32, _ extras: UnsafeMutablePointer<GraphExtras>, isSkipped: Bool
  ) -> Bool {
    guard extras.pointee.hasSemaphores else {
      if !isSkipped { callObserved(task) }
      return true
    }
    if isSkipped {
      forgoUnits(task)
      return true
    }
    guard takeUnits(task, extras) else { return false }
    callObserved(task)
    giveUnits(task, extras)
    return true
  }

  /// Clears the task's word for the next run.
  ///
  /// - Returns: what the condition's body chose; `noChoice` for other tasks and for a body that threw or was skipped.
  private func takeChoice(_ mark: UnsafeMutablePointer<Atomic<UInt32>>) -> UInt64 {
    let word = mark.pointee.load(ordering: .relaxed)
    if word != 0 { mark.pointee.store(0, ordering: .relaxed) }
    let chosen = word >> TaskMark.choiceShift
    return chosen == 0 ? GraphExtras.noChoice : UInt64(chosen) - 1
  }

  private func markSuccessors(
    of task: UInt32, isSkipped: Bool, choice: UInt64, _ marks: UnsafeMutablePointer<Atomic<UInt32>>,
    _ branches: UnsafeMutablePointer<UInt64>
  ) {
    let record = tables.records + Int(task)
    for position in Int(record.pointee.successorsBegin)..<Int(record.pointee.successorsEnd) {
      let successor = Int(tables.successors[position] & ~GraphTables.soleBit)
      let isTaken = branches[position] >> choice & 1 == 1
      let mark = (isSkipped ? 0 : TaskMark.reached) | (isTaken ? 0 : TaskMark.rejected)
      // Most are told the same by all their predecessors: look before writing.
      if marks[successor].load(ordering: .relaxed) & mark != mark {
        marks[successor].bitwiseOr(mark, ordering: .relaxed)
      }
    }
  }
}

extension TaskContext {
  /// Keeps a condition's choice for its worker.
  func choose(_ branch: Int, of count: Int) throws(SchedulerError) {
    guard branch >= 0, branch < count else {
      throw SchedulerError(
        .branchOutOfRange,
        "condition \(task) chose branch \(branch) of \(count): return a number from 0 to \(count - 1)")
    }
    // ORDERING: relaxed; the word is this thread's own until the successors are marked.
    run.pointee.memory.marks?[task.index].store(
      UInt32(branch + 1) << TaskMark.choiceShift, ordering: .relaxed)
  }
}
