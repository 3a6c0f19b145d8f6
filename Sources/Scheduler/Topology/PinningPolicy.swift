/// Whether workers are tied to CPUs.
///
/// A pinned worker keeps its caches and finds its nearest victims, but two programs that pin to the same CPUs slow each
/// other down while others idle. So the automatic policy pins only where nobody else is harmed.
public enum PinningPolicy: Hashable, Sendable {
  /// Pin, one worker to a core, when this process may use the whole machine and its workers fill it; leave workers
  /// free when they are fewer or more than the cores; under a CPU quota or a partial mask bind every
  /// worker to the allowed set.
  case automatic
  /// Never bind anything.
  case none
  /// Use these CPUs: pin one worker to each while they last, else bind every worker to all of them.
  case set(CPUSet)
}
