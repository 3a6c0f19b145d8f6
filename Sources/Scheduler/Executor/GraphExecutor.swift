internal import CSchedulerShims
internal import Glibc
internal import Synchronization

// SAFETY: `core` is a constant; what it points to is shared between threads by its own protocols and lives as long as this
// object and all threads of the executor. The handles are behind a lock.
/// Runs task graphs on a fixed number of threads.
///
/// ```swift
/// let report = try GraphExecutor(workers: 4).run(graph)
/// ```
///
/// At most `workerCount` threads compute at once, callers included: a thread that calls `run` works too, in the place of a
/// worker, so that an executor of n workers has n − 1 threads of its own. Any number of threads may run graphs at the
/// same time; the workers take turns.
///
/// A graph too small to be worth waking anybody runs on the calling thread alone, without a system call.
public final class GraphExecutor: @unchecked Sendable {
  let core: CorePointer
  /// How the workers were chosen and placed.
  public let placement: Placement
  let threads = Mutex<[pthread_t]>([])
  let asyncThread = Mutex(false)
  let watchdog: Watchdog?

  /// The executor of the process: default configuration, with as many workers as `TRIBUTARY_THREADS` says if that is a valid
  /// number, else as the machine suggests. Where the system refuses threads it has one worker.
  public static let shared: GraphExecutor = {
    if let executor = try? GraphExecutor() { return executor }
    let machine = (try? Placement(topology: .machine, quota: CPUQuota.current()))?.workerCount ?? 1
    if let executor = try? GraphExecutor(workers: machine) { return executor }
    guard let executor = try? GraphExecutor(workers: 1) else {
      preconditionFailure("one worker needs no thread, so nothing can be refused")
    }
    return executor
  }()

  /// An executor with a number of workers, or as many as the machine suggests.
  ///
  /// - Parameters:
  ///   - workers: 1 to 1024; nil for `TRIBUTARY_THREADS`, else one for each core that this process may use.
  ///   - pinning: whether workers are tied to CPUs.
  /// - Throws: `SchedulerError` when the number or the CPUs are invalid or the system refuses threads.
  public convenience init(workers: Int? = nil, pinning: PinningPolicy = .automatic) throws(SchedulerError) {
    try self.init(Configuration(workers: workers, pinning: pinning))
  }

  /// An executor by its configuration. When this returns, all threads run, named and bound.
  ///
  /// - Throws: `SchedulerError` when the configuration is invalid or the system refuses threads.
  public init(_ configuration: Configuration) throws(SchedulerError) {
    try ExecutorCore.checkNestingLimit(configuration.nestingLimit)
    placement = try Placement.forThisProcess(requested: configuration.workers, policy: configuration.pinning)
    core = ExecutorCore.make(placement, configuration)
    watchdog = configuration.watchdog.map { Watchdog(interval: $0) }
    do {
      if placement.workerCount > 1 { try start(1..<placement.workerCount) }
      if let watchdog { try watchdog.start(core) }
    } catch {
      shutdown()
      throw error
    }
  }

  deinit {
    shutdown()
    ExecutorCore.letGo(core)
  }

  /// How many threads may compute at once, callers included.
  public var workerCount: Int { core.pointee.slotCount }

  /// Runs a graph and returns when all its tasks are done. Blocks; the calling thread works too.
  ///
  /// Called from a task of this same executor it is a nested run: the thread keeps its slot and helps only this graph
  /// until that is done.
  ///
  /// - Parameters:
  ///   - graph: the graph; it may run several times at once.
  ///   - argument: handed to every body.
  ///   - options: deadline, cancellation, trace.
  /// - Throws: `RunFailure` when a body threw, the run was cancelled or too late, or the executor is shut down. All other
  ///   bodies have ended by then, and the graph can run again.
  @available(*, noasync, message: "use the async overload, which does not block the thread")
  @discardableResult
  public func run(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer? = nil, options: RunOptions = RunOptions()
  ) throws(RunFailure) -> RunReport {
    try runBlocking(graph, argument: argument, options: options)
  }

  /// Refuses new runs, makes those under way skip what they have not begun, unless they are committed, waits for them, and
  /// ends the threads. Called from a task it returns without waiting. Calling it again does no harm.
  public func shutdown() {
    let isInside = core.pointee.heldSlot() != nil
    core.pointee.closeDoors()
    watchdog?.stop()
    if !isInside { core.pointee.waitUntilDrained() }
    core.pointee.stopThreads()
    let handles = threads.withLock { handles in
      defer { handles = [] }
      return handles
    }
    for handle in handles {
      if isInside { Machine.detach(handle) } else { Machine.join(handle) }
    }
  }
}
