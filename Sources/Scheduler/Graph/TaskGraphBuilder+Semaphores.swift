extension TaskGraphBuilder {
  /// Adds a task that runs while it holds a unit of each of some semaphores. See `TaskSemaphore`.
  ///
  /// - Parameters:
  ///   - name: for errors, traces and dumps; empty stands for `task` and its number.
  ///   - after: the tasks that must end before this one begins.
  ///   - acquiring: the semaphores; one named twice counts once.
  ///   - cost: how long the body is expected to run.
  ///   - body: what the task does.
  /// - Complexity: amortised O(tasks and semaphores given).
  @discardableResult
  public mutating func add(
    _ name: String = "", after: TaskID..., acquiring: [TaskSemaphore], cost: TaskCost = .unknown,
    body: @escaping Body
  ) -> TaskID {
    add(name, after: after, acquiring: acquiring, cost: cost, body: body)
  }

  /// The same with the tasks before it in an array.
  ///
  /// - Complexity: amortised O(tasks and semaphores given).
  @discardableResult
  public mutating func add(
    _ name: String, after: [TaskID], acquiring: [TaskSemaphore], cost: TaskCost = .unknown,
    body: @escaping Body
  ) -> TaskID {
    let task = add(name, after: after, cost: cost, body: body)
    acquire(acquiring, during: task)
    return task
  }

  /// Lets a task run only while it holds a unit of each of some semaphores, also of those named for it before.
  ///
  /// - Complexity: amortised O(number of semaphores).
  public mutating func acquire(_ semaphores: [TaskSemaphore], during task: TaskID) {
    guard task.index >= 0, task.index < taskCount else {
      note(.unknownTask, "graph “\(name)” has no task \(task): use the IDs that add returned")
      return
    }
    if !semaphores.isEmpty { limits[task.index, default: []] += semaphores }
  }
}
