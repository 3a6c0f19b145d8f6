internal import Synchronization

/// Whether a run goes on as usual, skips bodies, or is past the point of no return: a word that changes at most twice.
///
/// open → skipping, with the reason; or open → committed → committed and failed.
struct RunControl: ~Copyable {
  private let word = Atomic<UInt32>(0)

  private static let committed: UInt32 = 1
  private static let skipping: UInt32 = 2
  private static let failed: UInt32 = 4

  /// Why a run skips bodies.
  enum Reason: UInt32 {
    case taskFailed = 4
    case cancelled = 8
    case deadlineExceeded = 16
    case shutDown = 32
    case forked = 64
  }

  /// Makes the word ready for the next run. Only while nobody else uses the run.
  func reset() { word.store(0, ordering: .relaxed) }

  /// Whether bodies are to be skipped.
  @inline(__always)
  var skips: Bool {
    // ORDERING: relaxed: a body more or less makes no difference; order comes from the dependency counters.
    word.load(ordering: .relaxed) & RunControl.skipping != 0
  }

  /// Whether the run is past the point of no return.
  var isCommitted: Bool { word.load(ordering: .relaxed) & RunControl.committed != 0 }

  /// Why the run failed, once it is over.
  var outcome: Reason? {
    // ORDERING: relaxed: read after the run ended, which orders it.
    let value = word.load(ordering: .relaxed)
    if value & RunControl.failed != 0 { return .taskFailed }
    return Reason(rawValue: value & ~(RunControl.committed | RunControl.skipping))
  }

  /// Asks to skip all bodies not yet begun.
  ///
  /// - Returns: whether this was the first reason and the run was not committed.
  func skip(_ reason: Reason) -> Bool {
    // ORDERING: relaxed; exactly one exchange from 0 succeeds, the details are published with the run's end.
    word.compareExchange(
      expected: 0, desired: RunControl.skipping | reason.rawValue, ordering: .relaxed
    ).exchanged
  }

  /// Passes the point of no return.
  ///
  /// - Returns: whether the run is past it, now or before.
  func commit() -> Bool {
    // ORDERING: relaxed, as skip: whichever exchange comes first decides for the whole run.
    let (exchanged, original) = word.compareExchange(
      expected: 0, desired: RunControl.committed, ordering: .relaxed)
    return exchanged || original & RunControl.committed != 0
  }

  /// Records that a body threw.
  ///
  /// - Returns: whether it was the first failure, so that the caller may store its error.
  func fail() -> Bool {
    if skip(.taskFailed) { return true }
    // ORDERING: relaxed, as skip.
    return word.compareExchange(
      expected: RunControl.committed, desired: RunControl.committed | RunControl.failed, ordering: .relaxed
    ).exchanged
  }
}
