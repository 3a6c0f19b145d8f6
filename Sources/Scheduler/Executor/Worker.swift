internal import Synchronization

/// One thread at work on one run, in one slot.
struct Worker: ~Copyable {
  let core: CorePointer
  let run: RunPointer
  let slot: UnsafeMutablePointer<Slot>
  let tables: GraphTables
  let counters: UnsafeMutablePointer<Atomic<Int32>>
  let deque: WorkStealingDeque
  let isObserved: Bool
  var context: TaskContext
  /// Tasks done and not yet reported.
  var executed = 0
  /// Steals not yet reported.
  var steals = 0
  /// Steals among them that left a task of higher rank behind.
  var inversions = 0
  /// Whether this thread is counted among those looking for work.
  var isSearching = false
  private let outerRun: RunPointer?
  private let outerID: UInt64

  /// Enters the run. The graph must be bound, the slot held by this thread.
  init(core: CorePointer, run: RunPointer, tables: GraphTables, slot: UnsafeMutablePointer<Slot>) {
    self.core = core
    self.run = run
    self.slot = slot
    self.tables = tables
    counters = run.pointee.memory.counters
    deque = run.pointee.memory.deque(slot.pointee.index)
    isObserved = run.pointee.isObserved
    context = TaskContext(
      workerIndex: slot.pointee.index, task: TaskID(0), argument: run.pointee.argument, run: run)
    outerRun = slot.pointee.current
    outerID = slot.pointee.run.load(ordering: .relaxed)
    slot.pointee.current = run
    slot.pointee.run.store(run.pointee.id, ordering: .relaxed)
  }

  deinit {
    slot.pointee.current = outerRun
    slot.pointee.run.store(outerID, ordering: .relaxed)
  }

  /// Runs one task's body, or skips it, and arms its counter for the next run.
  ///
  /// - Returns: false when the task has to wait for a semaphore, true in a plain graph.
  @inline(__always)
  @discardableResult
  mutating func execute(_ task: UInt32) -> Bool {
    let record = tables.records + Int(task)
    // ORDERING: relaxed: nobody counts this task down again before the run is over, and its end is a release.
    counters[Int(task)].store(record.pointee.dependencies, ordering: .relaxed)
    slot.pointee.task.store(task, ordering: .relaxed)
    if isObserved {
      guard executeObserved(task) else { return false }
    } else if !run.pointee.control.skips {
      context.task = TaskID(Int(task))
      do {
        try record.pointee.run(context)
      } catch {
        run.fail(error, task: task)
      }
    }
    executed &+= 1
    return true
  }

  /// The same for a run with a token, a deadline, a run around it, or a trace, and for a graph with conditions or semaphores.
  @inline(never)
  private mutating func executeObserved(_ task: UInt32) -> Bool {
    run.pointee.poll()
    if let extras = tables.extras { return executeMarked(task, extras) }
    if !run.pointee.control.skips { callObserved(task) }
    return true
  }

  /// Calls a body and records what a run's trace wants to know.
  mutating func callObserved(_ task: UInt32) {
    context.task = TaskID(Int(task))
    let begin = run.pointee.trace == nil ? 0 : monotonicNanoseconds()
    run.observing(context.task, name: nil, worker: slot.pointee.index) {
      do {
        try tables.records[Int(task)].run(context)
        return nil
      } catch {
        run.fail(error, task: task)
        return error
      }
    }
    if let trace = run.pointee.trace {
      trace.pointee.record(
        slot: slot.pointee.index, run: run.pointee.id, task: UInt64(task), begin: begin,
        end: monotonicNanoseconds())
    }
  }

  /// Reports the tasks done since the last report. Whoever reports the last one ends the run.
  ///
  /// - Parameter busy: nanoseconds spent on them.
  mutating func report(busy: Int64) {
    // Only where all that was found waits for semaphores.
    if executed == 0 { return }
    slot.pointee.finished.store(
      slot.pointee.finished.load(ordering: .relaxed) &+ Int64(executed), ordering: .relaxed)
    run.pointee.busy.wrappingAdd(busy, ordering: .relaxed)
    if steals > 0 {
      run.pointee.steals.wrappingAdd(steals, ordering: .relaxed)
      if inversions > 0 { run.pointee.inversions.wrappingAdd(inversions, ordering: .relaxed) }
    }
    let done = executed
    executed = 0
    steals = 0
    inversions = 0
    // ORDERING: sequentially consistent: releases what the tasks wrote and acquires what others' tasks wrote (pairs with
    // isDone), and comes before the look for a sleeping owner.
    let left = run.pointee.remaining.wrappingSubtract(done, ordering: .sequentiallyConsistent).newValue
    if left == 0 { core.pointee.finish(run) }
  }
}
