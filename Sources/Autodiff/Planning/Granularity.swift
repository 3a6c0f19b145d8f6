/// How finely a plan cuts work. A setting of the plan and never a function of the machine: cutting changes the last
/// bits of a product, so the same settings give the same bits at every number of workers.
public struct Granularity: Hashable, Sendable {
  /// The least columns of a shard of a matrix product. Column cuts cost next to nothing.
  public var matrixColumns: Int

  /// The least rows of a shard of a matrix product. Each row shard packs the right operand again.
  public var matrixRows: Int

  /// Seconds of work, by the cost model, that a shard of a matrix product should hold at least.
  public var matrixSeconds: Double

  /// The number of shards beyond which a matrix product is not cut along its rows.
  public var rowShards: Int

  /// Seconds of work, by the cost model, that a shard of any other operator should hold at least.
  public var streamSeconds: Double

  /// Seconds of work below which a shard is not worth being aligned with its producer's.
  public var alignedSeconds: Double

  /// The largest number of shards of one operator.
  public var maximumShards: Int

  /// How many times narrower a shard may be than its operator asks for; at least 1. The operator's number is where cutting
  /// begins to cost.
  public var narrowing: Int

  /// Seconds of work, by the cost model, that a task should hold: smaller neighbours are run as one task.
  public var clusterSeconds: Double

  /// Settings from their parts; the defaults are those of ``default``.
  public init(
    matrixColumns: Int = 256, matrixRows: Int = 128, matrixSeconds: Double = 200e-6, rowShards: Int = 8,
    streamSeconds: Double = 20e-6, alignedSeconds: Double = 2e-6, maximumShards: Int = 32,
    narrowing: Int = 1, clusterSeconds: Double = 2e-6
  ) {
    self.matrixColumns = matrixColumns
    self.matrixRows = matrixRows
    self.matrixSeconds = matrixSeconds
    self.rowShards = rowShards
    self.streamSeconds = streamSeconds
    self.alignedSeconds = alignedSeconds
    self.maximumShards = maximumShards
    self.narrowing = narrowing
    self.clusterSeconds = clusterSeconds
  }

  /// Shards of 200 µs for products and of 20 µs for the rest, tasks of 2 µs.
  public static let `default` = Granularity()

  /// Shards of 50 µs for products and of 10 µs for the rest, as narrow as half of what operators ask for: for machines of many
  /// cores. On one thread a step takes longer, since every shard of a product packs an operand again and narrow convolutions are
  /// slower: by an eighth (transformer) to a half (many small convolutions) in the suite's workloads.
  public static let fine = Granularity(
    matrixColumns: 64, matrixRows: 64, matrixSeconds: 50e-6, rowShards: 32, streamSeconds: 10e-6,
    alignedSeconds: 1e-6,
    maximumShards: 64, narrowing: 2)

  /// Every operator is one task.
  public static let whole = Granularity(maximumShards: 1, clusterSeconds: 0)

  /// Everything is cut as finely as the operators allow and nothing is clustered: many small tasks, for tests.
  public static let finest = Granularity(
    matrixColumns: 1, matrixRows: 1, matrixSeconds: 0, rowShards: 8, streamSeconds: 0, alignedSeconds: 0,
    maximumShards: 8, clusterSeconds: 0)
}

extension Granularity: CustomStringConvertible {
  /// The settings in a fixed order, as they enter a plan's fingerprint.
  public var description: String {
    "columns \(matrixColumns), rows \(matrixRows), product \(matrixSeconds) s, row shards \(rowShards), "
      + "stream \(streamSeconds) s, aligned \(alignedSeconds) s, shards \(maximumShards), "
      + "narrowing \(narrowing), cluster \(clusterSeconds) s"
  }
}
