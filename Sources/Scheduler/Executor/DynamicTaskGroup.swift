/// A task of a `DynamicTaskGroup`, for others to come after.
public struct DynamicTask: Hashable, Sendable {
  /// The group's run.
  let group: UInt64
  let index: UInt32
  /// Tells the tasks apart that had the same index one after the other.
  let generation: UInt32
}

/// Tasks that add tasks, for work whose shape shows only while it is done. Lent to the body of `TaskContext.withTaskGroup` and to
/// the bodies of its tasks.
///
/// ```swift
/// try context.withTaskGroup { group in
///   let load = group.add("load") { group in
///     for part in parts { group.add { _ in process(part) } }
///   }
///   group.add(after: load) { _ in print("all parts are known") }
/// }
/// ```
///
/// Unlike a graph's tasks, these cost an allocation each and short turns of a lock that the group has. Prefer a `TaskGraph` where the
/// shape is known, and `parallelFor` for a range.
public struct DynamicTaskGroup: ~Copyable {
  /// What a task does. It may throw, which fails the group, and must not keep the group.
  public typealias Body = @Sendable (borrowing DynamicTaskGroup) throws -> Void

  /// The context of the thread that runs this body: for nested runs and loops, and to see whether the group is cancelled.
  public let context: TaskContext
  /// How many tasks of the group are on the thread's stack, since their adders ran them.
  let depth: Int

  /// Adds a task that runs after others. It may begin before this returns.
  ///
  /// When the worker's deque is full, this runs a task without unfinished predecessors itself, here and now: do not hold a
  /// lock that the body wants.
  ///
  /// - Parameters:
  ///   - name: for observers; may be empty.
  ///   - after: tasks of this group that must end before this one begins. Those that have ended are no hindrance. A task of
  ///     another group fails this one, with a `SchedulerError` of code `unknownTask`.
  ///   - body: what the task does.
  /// - Complexity: O(number of `after`), amortised; blocks for a moment at most.
  @discardableResult
  public func add(_ name: String = "", after: DynamicTask..., body: @escaping Body) -> DynamicTask {
    add(name, after: after, body: body)
  }

  /// The same with the tasks before it in an array.
  @discardableResult
  public func add(_ name: String, after: [DynamicTask], body: @escaping Body) -> DynamicTask {
    let run = context.run
    if after.contains(where: { $0.group != run.pointee.id }) {
      let error = SchedulerError(
        .unknownTask,
        "task “\(name)” is to come after a task of another group: use what this group's add returned")
      run.fail(error, task: UInt32(context.task.index))
    }
    let worker = GroupWorker(run: run, slot: run.pointee.core.pointee.slots + context.workerIndex)
    return worker.add(name, after: after.filter { $0.group == run.pointee.id }, depth: depth, body: body)
  }
}

extension TaskContext {
  /// Calls a body that adds tasks, which may add more, and returns when all of them have ended. The thread keeps its slot and
  /// meanwhile runs tasks of this group only.
  ///
  /// Cancellation, deadline and failure of this run reach the group. The body counts as one of its tasks.
  ///
  /// - Throws: the first error that the body or a task threw, after which tasks not yet begun are skipped; `CancellationError` when
  ///   the run was cancelled meanwhile and tasks were skipped; `SchedulerError` with code `nestingTooDeep` or
  ///   `stackExhausted` when the group cannot be nested here.
  public func withTaskGroup(_ body: (borrowing DynamicTaskGroup) throws -> Void) throws {
    let core = run.pointee.core
    if let error = core.pointee.nestingError(inside: run) { throw error }
    let outcome = core.pointee.leadGroup(
      inside: run, task: UInt32(task.index), slot: core.pointee.slots + workerIndex, on: core,
      body)
    if let error = outcome.error { throw error }
    if outcome.failure != nil { throw CancellationError() }
  }
}
