internal import Synchronization

/// One thread at work on a task group, in one slot. See README.md, "Task groups".
struct GroupWorker: ~Copyable {
  let run: RunPointer
  let slot: UnsafeMutablePointer<Slot>
  private let deque: WorkStealingDeque
  private let core: CorePointer

  /// So many tasks lie in a slot's deque at most. Untuned.
  static let capacity = 256
  /// After so many tasks a pool thread looks whether another run wants its turn. Untuned.
  private static let turn = 64

  init(run: RunPointer, slot: UnsafeMutablePointer<Slot>) {
    self.run = run
    self.slot = slot
    core = run.pointee.core
    deque = run.pointee.memory.deque(slot.pointee.index)
  }

  /// Adds a task to the group; the caller runs one of its tasks, so the group is not over.
  func add(
    _ name: String, after: [DynamicTask], depth: Int, body: @escaping DynamicTaskGroup.Body
  ) -> DynamicTask {
    // ORDERING: relaxed: the caller's own task is not reported yet.
    run.pointee.remaining.wrappingAdd(1, ordering: .relaxed)
    let work = DynamicTasks.Work(name: name, body: body)
    let (index, generation, isReady) = withTasks { $0.add(work, after: after) }
    let handle = DynamicTask(group: run.pointee.id, index: index, generation: generation)
    if !isReady { return handle }
    if deque.count < GroupWorker.capacity {
      deque.push(index)
      wakeOthers()
    } else if core.pointee.mayStack(depth + 1, inside: run) {
      execute(index, depth: depth + 1)
    } else {
      spill(index)
    }
    return handle
  }

  /// Runs tasks until none is found.
  ///
  /// - Parameter takesTurns: whether to leave after some tasks when other runs are open too.
  func runTasks(takesTurns: Bool) {
    var left = GroupWorker.turn
    while true {
      var task = deque.pop()
      if task == WorkStealingDeque.none { task = takeSpilled() }
      if task == WorkStealingDeque.none { task = steal() }
      if task == WorkStealingDeque.none { return }
      execute(task, depth: 0)
      left -= 1
      if left <= 0, takesTurns, core.pointee.openRuns.load(ordering: .relaxed) > 1 { return }
    }
  }

  /// Runs or skips a task, and reports it.
  private func execute(_ task: UInt32, depth: Int) {
    call(task, depth: depth)
    for ready in withTasks({ $0.end(task) }) {
      if deque.count < GroupWorker.capacity { deque.push(ready) } else { spill(ready) }
      wakeOthers()
    }
    slot.pointee.finished.store(
      slot.pointee.finished.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    report()
  }

  /// Calls a task's body, and lets go of what it keeps.
  private func call(_ task: UInt32, depth: Int) {
    let work = withTasks { $0.begin(task) }
    run.pointee.poll()
    guard !run.pointee.control.skips, let work else { return }
    call(work, depth: depth)
  }

  private func call(_ work: DynamicTasks.Work, depth: Int) {
    let trace = run.pointee.trace
    let begin = trace == nil ? 0 : monotonicNanoseconds()
    let owner = group { $0.task }
    let view = DynamicTaskGroup(context: context(owner), depth: depth)
    // The adder that calls this may be in the middle of another run.
    let outer = slot.pointee.current
    slot.pointee.current = run
    run.observing(view.context.task, name: work.name, worker: slot.pointee.index) {
      do {
        try work.body(view)
        return nil
      } catch {
        run.fail(error, task: owner)
        return error
      }
    }
    slot.pointee.current = outer
    if let trace {
      trace.pointee.record(
        slot: slot.pointee.index, run: run.pointee.parent?.pointee.id ?? run.pointee.id,
        task: UInt64(owner) | TraceLanes.chunk, begin: begin, end: monotonicNanoseconds())
    }
  }

  /// What a body of the group knows about its run.
  func context(_ owner: UInt32) -> TaskContext {
    TaskContext(
      workerIndex: slot.pointee.index, task: TaskID(Int(owner)), argument: run.pointee.argument, run: run)
  }

  /// Reports a task, or the group's body. Whoever reports the last ends the group.
  func report() {
    // ORDERING: as in Worker.report.
    let left = run.pointee.remaining.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
    if left == 0 { core.pointee.finish(run) }
  }

  private func spill(_ task: UInt32) {
    withTasks { $0.spill(task) }
    // ORDERING: sequentially consistent: a reservation finds the task in the list (pairs with takeSpilled), and this comes
    // before the look for sleepers (pairs with hasWork).
    run.pointee.spilled.wrappingAdd(1, ordering: .sequentiallyConsistent)
    wakeOthers()
  }

  private func takeSpilled() -> UInt32 {
    var count = run.pointee.spilled.load(ordering: .relaxed)
    while count > 0 {
      // ORDERING: acquiring, pairs with spill. A reservation keeps the group from ending, so that its memory may be
      // touched.
      let (isDone, found) = run.pointee.spilled.compareExchange(
        expected: count, desired: count - 1, ordering: .acquiring)
      if isDone { return withTasks { $0.takeSpilled() } }
      count = found
    }
    return WorkStealingDeque.none
  }

  private func steal() -> UInt32 {
    let others = core.pointee.slotCount - 1
    let row = core.pointee.stealOrder + slot.pointee.index * others
    var position = 0
    while position < others {
      switch run.pointee.memory.deque(Int(row[position])).steal() {
      case .task(let task):
        run.pointee.steals.wrappingAdd(1, ordering: .relaxed)
        return task
      case .empty: position += 1
      case .lost: break
      }
    }
    return WorkStealingDeque.none
  }

  private func wakeOthers() {
    // ORDERING: sequentially consistent, after the publication (pairs with a searcher's last look).
    if core.pointee.searching.load(ordering: .sequentiallyConsistent) > 0 { return }
    core.pointee.announceWaiting(run)
  }

  // SAFETY: the group's leader keeps the state until every task is reported, and the caller has one that is not, or a
  // reservation of one.
  private func group<Result>(_ body: (GroupState) -> Result) -> Result {
    run.pointee.group.unsafelyUnwrapped._withUnsafeGuaranteedRef(body)
  }

  private func withTasks<Result>(_ body: (inout DynamicTasks) -> Result) -> Result {
    group { $0.withTasks(body) }
  }
}
