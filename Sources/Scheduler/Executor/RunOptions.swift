internal import Synchronization

/// Settings of one run.
public struct RunOptions: Sendable {
  /// How long the run may take from its start; tasks not begun by then are skipped and the run fails.
  public var deadline: Duration?
  /// Cancels the run from elsewhere.
  public var cancellation: CancellationToken?
  /// Records when and where each task ran.
  public var trace: TraceRecorder?
  /// Learns of the run and its tasks, and of runs and groups nested in it.
  public var observer: (any TaskObserver)?

  /// Settings of one run.
  public init(
    deadline: Duration? = nil, cancellation: CancellationToken? = nil, trace: TraceRecorder? = nil,
    observer: (any TaskObserver)? = nil
  ) {
    self.deadline = deadline
    self.cancellation = cancellation
    self.trace = trace
    self.observer = observer
  }
}

// SAFETY: the flag's address is a constant, the flag is an atomic, and runs that poll it keep the token alive.
/// Cancels the runs it is given to. Any thread may do so, at any time; it cannot be undone.
public final class CancellationToken: @unchecked Sendable {
  let flag: UnsafeMutablePointer<Atomic<Bool>>

  /// A token that is not cancelled.
  public init() {
    flag = .allocate(capacity: 1)
    flag.initialize(to: Atomic(false))
  }

  deinit { flag.deallocate() }

  /// Skips every body not yet begun in runs with this token, unless they are committed. Wait-free.
  public func cancel() {
    // ORDERING: relaxed; the flag publishes nothing (pairs with RunState.poll).
    flag.pointee.store(true, ordering: .relaxed)
  }

  /// Whether `cancel` was called.
  public var isCancelled: Bool { flag.pointee.load(ordering: .relaxed) }
}
