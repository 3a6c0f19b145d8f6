/// One phase of a compilation, in order of execution.
public struct CompilePhase: Sendable, Hashable {
  /// What was done: `shards`, `memory`, `kernels` and so on.
  public let name: String

  /// The wall time that it took.
  public let seconds: Double
}

/// Takes the time of phases that follow each other.
struct PhaseClock {
  /// The phases ended so far.
  private(set) var phases: [CompilePhase] = []
  private var last = ContinuousClock.now

  /// Ends a phase that began when the one before ended.
  mutating func end(_ name: String) {
    let now = ContinuousClock.now
    phases.append(CompilePhase(name: name, seconds: last.duration(to: now) / .seconds(1)))
    last = now
  }
}
