public import TributaryOps

/// Samples that can be had in any order.
///
/// Each sample consists of columns (an image and its class, say) of types that do not change from sample to sample.
public protocol DataSet: Sendable {
  /// The number of samples.
  var count: Int { get }

  /// The types of one sample's columns, without an axis for the batch.
  var columns: [TensorType] { get }

  /// Writes one sample to a row of every column of a batch. Called on any thread, for several batches at once.
  func write(sample: Int, to row: Int, of batch: Batch)
}

extension DataSet {
  /// The samples in an order that depends on the seed and the epoch alone.
  public func shuffled(seed: UInt64, epoch: Int = 0) -> SampleOrder {
    SampleOrder(self, order: .shuffled(count, seed: seed, epoch: epoch))
  }

  /// The samples in batches, in their own order; the last batch holds what is left.
  /// - Throws: `DataError` when there are no samples, or fewer than a batch holds.
  public func batches(of size: Int) throws(DataError) -> DataLoader {
    try SampleOrder(self, order: (0..<Int32(count)).map { $0 }).batches(of: size)
  }
}

/// A data set and an order of its samples.
public struct SampleOrder: Sendable {
  let dataSet: any DataSet
  let order: [Int32]

  init(_ dataSet: any DataSet, order: [Int32]) {
    self.dataSet = dataSet
    self.order = order
  }

  /// The samples in batches; the last batch holds what is left.
  /// - Throws: `DataError` when there are no samples, or fewer than a batch holds.
  public func batches(of size: Int) throws(DataError) -> DataLoader {
    try DataLoader(self, batchSize: size)
  }
}

/// The batches of one pass over a data set.
public struct DataLoader: Sendable {
  /// The data.
  public let dataSet: any DataSet

  /// The samples, by their numbers in the data set, in the order of the pass.
  public let order: [Int32]

  /// The samples of every batch but perhaps the last.
  public let batchSize: Int

  init(_ samples: SampleOrder, batchSize: Int) throws(DataError) {
    let count = samples.order.count
    guard count > 0 else { throw DataError(.empty, message: "the data set has no samples") }
    guard batchSize > 0 else {
      throw DataError(.batchSize, message: "a batch of \(batchSize) samples is impossible; give at least 1")
    }
    guard batchSize <= count else {
      throw DataError(
        .batchSize,
        message:
          "a batch of \(batchSize) samples is larger than the data set of \(count); give at most \(count)")
    }
    dataSet = samples.dataSet
    order = samples.order
    self.batchSize = batchSize
  }

  /// The number of batches, the shorter last one included.
  public var batchCount: Int { (order.count + batchSize - 1) / batchSize }

  /// The samples in the last batch.
  public var lastBatchSize: Int { order.count - (batchCount - 1) * batchSize }

  /// The samples in a batch.
  public func size(of batch: Int) -> Int { batch == batchCount - 1 ? lastBatchSize : batchSize }

  /// Writes the samples of a batch to buffers that hold as many.
  public func assemble(_ index: Int, into batch: Batch) {
    precondition(index >= 0 && index < batchCount && batch.count == size(of: index), "the batch does not fit")
    let start = index * batchSize
    for row in 0..<batch.count { dataSet.write(sample: Int(order[start + row]), to: row, of: batch) }
  }
}

extension [Int32] {
  /// The numbers 0 ..< count in an order drawn from the seed and the epoch (Fisher and Yates).
  static func shuffled(_ count: Int, seed: UInt64, epoch: Int) -> [Int32] {
    var order = (0..<Int32(count)).map { $0 }
    var generator = SplitMix64(0x5348_5546_464C_4500, seed, UInt64(bitPattern: Int64(epoch)))
    var last = count - 1
    while last > 0 {
      order.swapAt(last, generator.next(below: last + 1))
      last -= 1
    }
    return order
  }
}
