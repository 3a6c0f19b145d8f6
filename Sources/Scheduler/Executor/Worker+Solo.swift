internal import Synchronization

/// The first phase of a run: the thread that leads it works alone, without a locked instruction, until the clock says that
/// there is enough to do to make others' help worth its price.
///
/// The ready tasks lie in the leader's deque, whose end nobody else knows. See README.md, "Solo runs".
extension Worker {
  /// Windows of tasks that together take less than this are not worth sharing: waking a thread and moving the cache
  /// lines costs as much. Untuned but for its order of magnitude.
  private static let leastElapsed: Int64 = 5_000
  /// Tasks that on average take less than this run faster on one thread.
  private static let leastTaskTime: Int64 = 250
  /// The most tasks between two looks at the clock.
  private static let longestWindow = 64

  /// Runs tasks alone.
  ///
  /// - Parameters:
  ///   - mayShare: whether the run may be published at all.
  ///   - eager: whether to publish it as soon as two tasks are ready, whatever the clock says.
  /// - Returns: the task to go on with when the run was prepared for publication, for the sake of help or because the
  ///   thread's turn is over; nil when all tasks are done.
  mutating func runSolo(mayShare: Bool, eager: Bool) -> UInt32? {
    let records = tables.records
    let successors = tables.successors
    let roots = tables.roots
    let rootCount = tables.rootCount
    let floor = deque.privateBottom
    var bottom = floor
    var root = 0
    var window = mayShare || role != .nested ? 1 : Int.max
    var untilLook = window
    var windowStart = run.pointee.began
    var wasWorth = false
    while true {
      let task: UInt32
      if bottom > floor {
        bottom &-= 1
        task = deque.privateTask(at: bottom)
      } else if root < rootCount {
        task = roots[root]
        root &+= 1
      } else {
        return nil
      }
      let record = records + Int(task)
      let isHeavy = record.pointee.flags.load(ordering: .relaxed) & TaskRecord.heavy != 0
      if eager || isHeavy, mayShare, bottom > floor || root < rootCount {
        prepareSharing(root: root, bottom: bottom)
        return task
      }
      execute(task)
      // Backwards, so that the first successor in program order is the next to be popped. Without a branch on what is
      // ready, which no processor can predict: every successor is written, the end moves for those that are.
      let begin = Int(record.pointee.successorsBegin)
      var position = Int(record.pointee.successorsEnd)
      while position > begin {
        position &-= 1
        let successor = successors[position] & ~GraphTables.soleBit
        // ORDERING: relaxed and not one access: nobody else is in the run.
        let left = counters[Int(successor)].load(ordering: .relaxed) &- 1
        counters[Int(successor)].store(left, ordering: .relaxed)
        deque.privatePush(successor, at: bottom)
        bottom &+= left == 0 ? 1 : 0
      }
      untilLook &-= 1
      if untilLook == 0 {
        let ready = bottom &- floor &+ Int64(rootCount &- root)
        if ready > 0, isTurnOver() {
          prepareSharing(root: root, bottom: bottom)
          return takeLocal()
        }
        if mayShare {
          let now = monotonicNanoseconds()
          let isWorth = isWorthSharing(now: now, windowTime: now &- windowStart, window: window)
          if ready > 1, isWorth, wasWorth {
            prepareSharing(root: root, bottom: bottom)
            return takeLocal()
          }
          windowStart = now
          wasWorth = isWorth
        }
        // Twice the same length at the start, so that two long tasks suffice.
        if executed > 1 { window = min(window &* 2, Worker.longestWindow) }
        untilLook = window
      }
    }
  }

  /// Whether a window of tasks speaks for sharing the run. Two in a row must, since one may merely have been interrupted.
  private func isWorthSharing(now: Int64, windowTime: Int64, window: Int) -> Bool {
    let average = windowTime / Int64(window)
    return average >= Worker.leastTaskTime && now &- run.pointee.began >= Worker.leastElapsed
      && Int64(tables.taskCount &- executed) &* average >= Worker.leastElapsed
  }

  /// Hands the ready tasks over to the deque and the cursor; the caller opens the run.
  private mutating func prepareSharing(root: Int, bottom: Int64) {
    // ORDERING: relaxed; the gate opens after it, releasing.
    run.pointee.cursor.store(root, ordering: .relaxed)
    run.pointee.remaining.store(tables.taskCount &- executed, ordering: .relaxed)
    slot.pointee.finished.store(
      slot.pointee.finished.load(ordering: .relaxed) &+ Int64(executed), ordering: .relaxed)
    executed = 0
    deque.publish(bottom: bottom)
  }
}
