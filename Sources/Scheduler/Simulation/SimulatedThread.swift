#if DEBUG || TRIBUTARY_SIMULATION
  internal import CSchedulerShims

  /// A thread of a simulation: a fibre and what it waits for.
  struct SimulatedThread {
    enum State: Hashable {
      case runnable
      /// Asleep on a word, until a time or for ever.
      case asleep(word: UnsafeRawPointer, until: Int64)
      /// Waiting for a thread's end.
      case joining(Int)
      case ended
    }

    let fibre: OpaquePointer
    var name: String
    var state = State.runnable
    /// For `SchedulingPolicy.priorities`.
    var priority = 0
    /// For `SchedulingPolicy.priorities`: since which step the thread could go on while others did.
    var waitsSince = Int.max
    /// For `SchedulingPolicy.delays`: the step before which the thread does not run unless it must.
    var delayedUntil = 0

    var isRunnable: Bool { state == .runnable }
  }

  extension SimulatedThread: CustomStringConvertible {
    var description: String {
      switch state {
      case .runnable: "\(name) can run"
      case .asleep(_, until: .max): "\(name) sleeps"
      case .asleep(_, let time): "\(name) sleeps until \(time) ns"
      case .joining(let other): "\(name) waits for the end of thread \(other)"
      case .ended: "\(name) has ended"
      }
    }
  }
#endif
