extension GraphExecutor {
  /// When a run is opened to other threads.
  public enum Sharing: Hashable, Sendable {
    /// When the clock, the costs, or earlier runs say that help is worth its price.
    case whenWorthwhile
    /// As soon as two tasks are ready, however small: for tests and measurements.
    case always
    /// Never: every run stays on the thread that called it.
    case never
  }

  /// How an executor is set up.
  public struct Configuration: Sendable {
    /// How many threads may compute at once, callers included: 1 to 1024, or nil for `TRIBUTARY_THREADS`, else one for each
    /// core that this process may use.
    public var workers: Int?
    /// Whether workers are tied to CPUs.
    public var pinning: PinningPolicy
    /// When runs are opened to other threads.
    public var sharing: Sharing
    /// Whether subnormal numbers count as zero in bodies, on every thread alike. Rounding is to nearest in any case.
    public var flushesSubnormals: Bool
    /// When set, a thread of its own writes `describeState()` to standard error whenever a run is under way and no task has
    /// ended for this long.
    public var watchdog: Duration?
    /// How long a thread without work looks for some before it sleeps; nil for 50 µs, or 2 µs where there are more workers
    /// than CPUs.
    public var spin: Duration?
    /// How many runs, loops and task groups may be nested in one another inside an outermost run: 0 to 65,536. One more fails
    /// with a typed error, as does one for which less than 64 KiB of its thread's stack are left.
    ///
    /// A level takes 1.8 KiB of stack (6.4 KiB without optimisation) and what the body there uses. Threads of the executor have
    /// stacks of 4 MiB and 16 KiB for each level; a thread that calls `run` has the stack that its owner gave it.
    public var nestingLimit: Int
    /// Learns of every run and task of the executor.
    public var observer: (any TaskObserver)?

    /// The default configuration, or one with some settings changed.
    public init(
      workers: Int? = nil, pinning: PinningPolicy = .automatic, sharing: Sharing = .whenWorthwhile,
      flushesSubnormals: Bool = true, watchdog: Duration? = nil, spin: Duration? = nil,
      nestingLimit: Int = 256, observer: (any TaskObserver)? = nil
    ) {
      self.workers = workers
      self.pinning = pinning
      self.sharing = sharing
      self.flushesSubnormals = flushesSubnormals
      self.watchdog = watchdog
      self.spin = spin
      self.nestingLimit = nestingLimit
      self.observer = observer
    }
  }
}

extension Duration {
  /// Whole nanoseconds, clamped to what an Int64 holds.
  var clampedNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, overflows) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflows ? (seconds < 0 ? .min : .max) : sum
  }
}

extension Int64 {
  func addingClamped(_ duration: Duration) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(duration.clampedNanoseconds)
    return overflow ? .max : sum
  }
}
