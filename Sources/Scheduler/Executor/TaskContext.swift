/// What a body knows about its run. Lent to the body for the time of one call.
public struct TaskContext: ~Copyable {
  /// The slot of the thread that runs the body, from 0 below the executor's `workerCount`. No two threads that compute at the
  /// same time on one executor have the same, so it can number scratch memory. While a body waits for a nested run, loop
  /// or group its thread may call bodies of that with the same index; and while it waits, for that or for a run on another
  /// executor, so may a thread that it waits for in the end. So a body should not count on such memory across a wait.
  public let workerIndex: Int
  /// The task whose body runs.
  public internal(set) var task: TaskID
  /// What the run was given.
  public let argument: UnsafeMutableRawPointer?
  let run: RunPointer

  /// Whether the run is being cancelled or has failed, so that a long body may stop early.
  public var isCancelled: Bool {
    run.pointee.poll()
    return run.pointee.control.skips
  }

  /// Passes the point of no return: from here on neither cancellation nor deadline nor another task's error skips a body
  /// of this run.
  ///
  /// - Returns: whether the run is past that point, through this call or an earlier one; false when it was cancelled or had
  ///   failed before. Wait-free.
  public func commit() -> Bool {
    run.pointee.poll()
    return run.pointee.control.commit()
  }
}
