/// Swift tasks on the executor's threads.
///
/// ```swift
/// let executor = try GraphExecutor(workers: 4)
/// let task = Task(executorPreference: executor) { try await executor.run(graph) }
/// ```
extension GraphExecutor: TaskExecutor {
  /// Runs a piece of a Swift task, from one suspension to the next, on one of the executor's own threads.
  ///
  /// It holds a slot while it runs, so that jobs, runs and callers together keep to `workerCount` threads that compute, and
  /// takes its turn among them: whoever asked first goes first. An executor with one worker starts its one thread on the
  /// first job. The job has the executor's floating-point environment, may run graphs (a blocking `run` is a nested one
  /// and keeps the slot) and should not block otherwise, since its slot is idle meanwhile.
  ///
  /// Jobs that were enqueued before `shutdown` still run here. Later ones, and all in a forked child or where the system
  /// refuses a thread, go to Swift's global executor: none is lost. Callable from any thread; takes a lock for a moment.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    guard core.pointee.beginCall() else {
      globalConcurrentExecutor.enqueue(job)
      return
    }
    guard hasThread() else {
      core.pointee.endCall()
      globalConcurrentExecutor.enqueue(job)
      return
    }
    // SAFETY: whoever runs the job gives the reference back, so that the executor outlives its jobs.
    core.pointee.request(.job(job, Unmanaged.passRetained(self)))
  }
}
