public import TributaryOps

/// A data set held in tensors: sample i is row i of each of them.
public struct TensorDataSet: DataSet {
  /// The number of samples.
  public let count: Int

  /// The types of one sample's columns.
  public let columns: [TensorType]

  private let tensors: [Tensor]

  /// The tensors' first bytes, so that copying a row counts no references.
  ///
  /// SAFETY: `tensors` keeps the bytes alive, and since it shares them nobody changes them in place.
  private nonisolated(unsafe) let sources: [UnsafeRawPointer]

  /// A data set of tensors whose first axes are equally long.
  /// - Throws: `DataError.mismatch` naming the tensors that do not fit, `.empty` when there are no rows.
  public init(_ tensors: [Tensor]) throws(DataError) {
    guard let first = tensors.first, first.shape.rank > 0 else {
      throw DataError(.mismatch, message: "a data set needs tensors with an axis that counts the samples")
    }
    let count = first.shape[0]
    for tensor in tensors where tensor.shape.rank == 0 || tensor.shape[0] != count {
      throw DataError(
        .mismatch, message: "\(tensor.type) and \(first.type) have not equally many samples along axis 0")
    }
    guard count > 0 else { throw DataError(.empty, message: "the tensors have no rows") }
    self.count = count
    self.tensors = tensors
    sources = tensors.map { UnsafeRawPointer($0.storage.baseAddress) }
    columns = tensors.map { TensorType($0.dtype, Shape($0.shape.dimensions.dropFirst())) }
  }

  /// Copies one row of every tensor.
  public func write(sample: Int, to row: Int, of batch: Batch) {
    precondition(sample >= 0 && sample < count, "sample out of range")
    for column in 0..<sources.count {
      let target = batch.rowBytes(row, column: column)
      target.copyMemory(
        from: UnsafeRawBufferPointer(start: sources[column] + sample * target.count, count: target.count))
    }
  }
}
