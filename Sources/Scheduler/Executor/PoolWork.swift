/// Work that any pool thread may do.
enum PoolWork {
  /// An asynchronous run that nobody has begun.
  case start(RunPointer)
  /// An asynchronous run that was left with work undone, since others wanted their turn.
  case goOn(RunPointer)
  // SAFETY: the reference is given back by whoever does the work.
  /// A piece of a Swift task, with a reference to its executor.
  case job(UnownedJob, Unmanaged<GraphExecutor>)

  /// The run that the work belongs to.
  var run: RunPointer? {
    switch self {
    case .start(let run), .goOn(let run): run
    case .job: nil
    }
  }
}
