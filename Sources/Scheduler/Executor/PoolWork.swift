/// Work that any pool thread may do.
enum PoolWork {
  /// An asynchronous run that nobody has begun.
  case start(RunPointer)
  /// An asynchronous run that was left with work undone, since others wanted their turn.
  case goOn(RunPointer)
  // SAFETY: the reference is given back by whoever does the work.
  /// A piece of a Swift task, with a reference to its executor.
  case job(UnownedJob, Unmanaged<GraphExecutor>)

  /// Whether a thread that lent a slot may be waiting for the work.
  var mayBorrow: Bool {
    switch self {
    case .start(let run), .goOn(let run): run.pointee.mayBorrow
    case .job: false
    }
  }

  /// Whether this is the rest of a run.
  func isRest(of run: RunPointer) -> Bool {
    if case .goOn(let other) = self { other == run } else { false }
  }
}
