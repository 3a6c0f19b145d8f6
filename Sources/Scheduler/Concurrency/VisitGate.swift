internal import Synchronization

/// Lets threads into a run while it is open and counts those inside, so that a run state is never reused under a visitor.
/// See README.md, "Run states".
struct VisitGate: ~Copyable {
  /// Bit 32: open. Below: the number of visitors.
  private let word = Atomic<UInt64>(0)
  private let padding = CacheLinePadding()

  private static let open: UInt64 = 1 << 32

  /// Whether entering may succeed: a hint before `enter`, the truth in a sleeper's last look.
  @inline(__always)
  var isOpen: Bool {
    // ORDERING: sequentially consistent, pairs with openGate before a notifier's look for sleepers.
    word.load(ordering: .sequentiallyConsistent) & VisitGate.open != 0
  }

  /// Enters if the gate is open; `leave` must follow if it was.
  func enter() -> Bool {
    // ORDERING: acquiring: the visitor sees the run as its owner set it up (pairs with openGate).
    if word.wrappingAdd(1, ordering: .acquiring).oldValue & VisitGate.open != 0 { return true }
    leave()
    return false
  }

  /// Ends a visit.
  func leave() {
    // ORDERING: releasing: everything the visitor did comes before the state's reuse (pairs with isVacant).
    word.wrappingSubtract(1, ordering: .releasing)
  }

  /// Opens the gate. Owner only.
  func openGate() {
    // ORDERING: sequentially consistent: publishes the run (pairs with enter) before the look for sleepers.
    word.bitwiseOr(VisitGate.open, ordering: .sequentiallyConsistent)
  }

  /// Closes the gate; visitors may still be inside.
  func closeGate() {
    // ORDERING: sequentially consistent, before the look for inspectors (pairs with RunState.beginInspection). Visitors
    // need no order: whoever enters before finds a finished run.
    word.bitwiseAnd(~VisitGate.open, ordering: .sequentiallyConsistent)
  }

  /// Whether the gate is closed and nobody is inside.
  var isVacant: Bool {
    // ORDERING: acquiring, pairs with leave.
    word.load(ordering: .acquiring) == 0
  }
}
