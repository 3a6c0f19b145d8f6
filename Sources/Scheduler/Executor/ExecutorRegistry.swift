internal import Glibc
internal import Synchronization

// SAFETY: the list is used under `lock` only, and `made` is an atomic.
/// The live executors of the process: for dumps, and so that a forked child knows which of its copies lost their threads.
///
/// No run goes through it. The two locks are held during a fork, so that the child finds both of them free and what they
/// guard whole.
final class ExecutorRegistry: @unchecked Sendable {
  static let shared = ExecutorRegistry()

  private let making = Lock()
  private let lock = Lock()
  private var cores: [CorePointer] = []
  /// The executor of the process, with a reference that is never given back, or nil.
  private let made = Atomic<UnsafeMutableRawPointer?>(nil)

  private init() {
    // Rehearsed, since Swift takes a lock of its own when a generic type is first used, which another thread may hold in a fork.
    _ = knownExecutor
    pthread_atfork(
      { ExecutorRegistry.shared.beginFork() }, { ExecutorRegistry.shared.endFork() },
      {
        ExecutorRegistry.shared.enterChild()
        ExecutorRegistry.shared.endFork()
      })
  }

  func add(_ core: CorePointer) { locked { cores.append(core) } }

  func remove(_ core: CorePointer) { locked { cores.removeAll { $0 == core } } }

  /// Calls a function while no executor is freed, nor the process forked.
  func locked<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    try lock.locked(body)
  }

  /// What every executor looks like now.
  var description: String {
    locked { cores.map { $0.pointee.description }.joined(separator: "\n") }
  }

  /// The executor of this process, made by the first call.
  func sharedExecutor(orMake make: () -> GraphExecutor) -> GraphExecutor {
    if let executor = knownExecutor { return executor }
    return making.locked {
      if let executor = knownExecutor { return executor }
      let executor = make()
      // SAFETY: the reference is kept for as long as the process lives.
      // ORDERING: releasing: the executor is complete (pairs with knownExecutor).
      made.store(Unmanaged.passRetained(executor).toOpaque(), ordering: .releasing)
      return executor
    }
  }

  private var knownExecutor: GraphExecutor? {
    // ORDERING: acquiring, pairs with sharedExecutor.
    guard let raw = made.load(ordering: .acquiring) else { return nil }
    // SAFETY: the reference is never given back.
    return Unmanaged<GraphExecutor>.fromOpaque(raw).takeUnretainedValue()
  }

  private func beginFork() {
    making.lock()
    lock.lock()
  }

  private func endFork() {
    lock.unlock()
    making.unlock()
  }

  /// In a new child, whose only thread is the one that forked.
  private func enterChild() {
    for core in cores { core.pointee.enterChild() }
    let shared = knownExecutor
    // ORDERING: relaxed; there is one thread.
    if let shared, shared.core.pointee.isForked { made.store(nil, ordering: .relaxed) }
  }
}
