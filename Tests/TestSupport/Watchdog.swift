internal import Glibc
internal import Synchronization
public import TributaryScheduler

/// Runs a body and ends the process, with a dump of the executors, if it takes too long: a hang should name its place, not
/// time the whole test run out.
///
/// - Parameters:
///   - seconds: how long the body may take.
///   - executors: what to describe if it takes longer.
///   - body: what to run.
public func withWatchdog<Result>(
  seconds: Int = 120, _ executors: GraphExecutor..., body: () throws -> Result
) rethrows -> Result {
  let watch = Watch(seconds: seconds, executors: executors)
  watch.start()
  defer { watch.stop() }
  return try body()
}

private final class Watch: Sendable {
  private let isDone = Atomic(false)
  private let seconds: Int
  private let executors: [GraphExecutor]

  init(seconds: Int, executors: [GraphExecutor]) {
    self.seconds = seconds
    self.executors = executors
  }

  func start() {
    var handle = pthread_t()
    // SAFETY: the thread takes the reference over.
    let retained = Unmanaged.passRetained(self).toOpaque()
    let code = pthread_create(
      &handle, nil,
      { raw in
        if let raw { Unmanaged<Watch>.fromOpaque(raw).takeRetainedValue().watch() }
        return nil
      }, retained)
    precondition(code == 0)
    pthread_detach(handle)
  }

  func stop() { isDone.store(true, ordering: .relaxed) }

  private func watch() {
    for _ in 0..<seconds * 20 {
      usleep(50_000)
      if isDone.load(ordering: .relaxed) { return }
    }
    let state = executors.map { $0.describeState() }.joined(separator: "\n")
    fatalError("a test hangs for more than \(seconds) s\n\(state)")
  }
}
