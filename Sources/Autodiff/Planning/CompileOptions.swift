/// The settings of a compilation.
///
/// ``granularity`` and ``checkFinite`` can change the bits of results and enter the plan's fingerprint. The others decide
/// where values lie and in what order tasks may run, which no result depends on.
public struct CompileOptions: Sendable {
  /// How finely work is cut.
  public var granularity: Granularity

  /// The bytes that ``Plan/peakBytes`` must not exceed; nil for no limit.
  public var memoryBudget: Int?

  /// Whether the orders that memory sharing relies on become edges of the task graph. Without them results are
  /// wrong as soon as two tasks run in another order than the planned one: off only to test the tests.
  public var memoryEdges: Bool

  /// The number of workers of the schedule in which values are looked at for sharing memory; at least 1. More
  /// workers mean fewer shared bytes and fewer added orders. Never taken from the machine.
  public var referenceWidth: Int

  /// Where arenas come from; executables that never run at the same time share one by sharing a pool.
  public var arenaPool: ArenaPool?

  /// Values that must be finite before any state is assigned: a step in which one is not fails with nothing changed.
  public var checkFinite: [Value]

  /// The passes that rewrite the graph before it is planned; nil for what `TRIBUTARY_PASSES` says, which bodies of loops
  /// and branches always follow.
  public var passes: PassSelection?

  /// Settings from their parts.
  public init(
    granularity: Granularity = .default, memoryBudget: Int? = nil, memoryEdges: Bool = true,
    referenceWidth: Int = 32, arenaPool: ArenaPool? = nil, checkFinite: [Value] = [],
    passes: PassSelection? = nil
  ) {
    self.granularity = granularity
    self.memoryBudget = memoryBudget
    self.memoryEdges = memoryEdges
    self.referenceWidth = referenceWidth
    self.arenaPool = arenaPool
    self.checkFinite = checkFinite
    self.passes = passes
  }
}
