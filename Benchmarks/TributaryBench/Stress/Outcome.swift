internal import Synchronization

/// What several threads found out.
final class Outcome: Sendable {
  private let state = Mutex<(tasks: Int, mistake: (any Error)?)>((0, nil))

  /// Adds what one of them found.
  func note(_ result: Result<Int, any Error>) {
    state.withLock { state in
      switch result {
      case .success(let tasks): state.tasks += tasks
      case .failure(let error): state.mistake = state.mistake ?? error
      }
    }
  }

  /// How many tasks ran; the first mistake is thrown.
  func tasks() throws -> Int {
    let (tasks, mistake) = state.withLock { $0 }
    if let mistake { throw mistake }
    return tasks
  }
}
