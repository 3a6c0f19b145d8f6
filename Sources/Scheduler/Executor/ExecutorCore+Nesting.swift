internal import CSchedulerShims

/// How deep runs may be nested, and the stack that this takes. See README.md, "Depth".
extension ExecutorCore {
  /// Stack for one level of nesting, the scheduler's frames and a body's, in bytes. The scheduler's own take 1.8 KiB where the
  /// compiler optimises, 6.4 KiB where it does not, and up to 10 KiB under sanitizers: how much less stack a body has
  /// left than the body around it (x86-64; `DepthTests` measures it again).
  static let stackPerLevel = 16 << 10
  /// Stack that a thread has beyond the levels of nesting, for what bodies do at the innermost one.
  static let stackForBodies = 4 << 20
  /// Less than this left, and a thread nests nothing more.
  static let stackReserve = 64 << 10
  /// The largest limit that can be asked for: a gigabyte of address space a thread.
  static let greatestNestingLimit = 65_536

  static func checkNestingLimit(_ limit: Int) throws(SchedulerError) {
    guard limit >= 0, limit <= greatestNestingLimit else {
      throw SchedulerError(
        .invalidNestingLimit,
        "a nesting limit of \(limit) is not from 0 to \(greatestNestingLimit): 256 is the default, 0 forbids nested runs"
      )
    }
  }

  /// How large the stacks of pool threads are.
  var stackSize: Int { nestingLimit * ExecutorCore.stackPerLevel + ExecutorCore.stackForBodies }

  /// How many bytes of stack the calling thread has left; without end where that is not known.
  static var stackLeft: Int { Int(tributary_stack_left()) }

  /// Why nothing can be nested in a run here and now, or nil. Called by the thread that wants to.
  func nestingError(inside run: RunPointer) -> SchedulerError? {
    let depth = run.pointee.depth
    if depth >= nestingLimit {
      return SchedulerError(
        .nestingTooDeep,
        "depth \(depth + 1) of nested runs, loops and task groups is more than the executor's limit of \(nestingLimit): raise "
          + "nestingLimit in its configuration, or nest less deep")
    }
    let left = ExecutorCore.stackLeft
    if left < ExecutorCore.stackReserve {
      return SchedulerError(
        .stackExhausted,
        "depth \(depth + 1) of nested runs, loops and task groups (limit \(nestingLimit)) cannot be entered with \(left) bytes "
          + "of stack left, at least \(ExecutorCore.stackReserve) are needed: call run from a thread with a larger stack, let "
          + "bodies use less of it, or raise nestingLimit, by which the pool's threads get more")
    }
    return nil
  }
}
