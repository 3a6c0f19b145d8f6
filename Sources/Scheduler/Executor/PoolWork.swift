// SAFETY: carried from the thread that asks for the work to the one that does it, which alone uses what it points to.
/// Work that any pool thread may do.
enum PoolWork: @unchecked Sendable {
  /// An asynchronous run that nobody has begun.
  case start(RunPointer)
  /// An asynchronous run that was left with work undone, since others wanted their turn.
  case goOn(RunPointer)
  /// A piece of a Swift task.
  case job(UnownedJob, Unmanaged<GraphExecutor>)

  /// The run that the work belongs to.
  var run: RunPointer? {
    switch self {
    case .start(let run), .goOn(let run): run
    case .job: nil
    }
  }
}
