public import TributaryOps

/// Buffers for the samples of one batch: a column for each thing a sample consists of, a row for each sample.
///
/// SAFETY: `@unchecked Sendable` since a batch is written by one task at a time and read only after that task has
/// ended: a trainer fills one batch while a step reads another.
public final class Batch: @unchecked Sendable {
  /// The types of the columns; axis 0 counts the samples.
  public let types: [TensorType]

  /// The number of samples.
  public let count: Int

  private let storages: [TensorStorage]
  private let columns: UnsafeMutablePointer<Column>

  private struct Column {
    var base: UnsafeMutableRawPointer
    var dtype: DType
    var rowElements: Int
  }

  /// Buffers for `count` samples.
  /// - Throws: `DataError.batchSize` when a column of this length cannot exist.
  public init(of count: Int, columns samples: [TensorType]) throws(DataError) {
    self.count = count
    var types: [TensorType] = []
    for sample in samples {
      let shape = Shape([count] + sample.shape.dimensions)
      do throws(ShapeError) { try shape.validate() } catch {
        throw DataError(.batchSize, message: "a batch of \(count) samples \(sample) is impossible: \(error)")
      }
      types.append(TensorType(sample.dtype, shape))
    }
    self.types = types
    storages = types.map { TensorStorage(byteCount: $0.byteCount) }
    columns = .allocate(capacity: samples.count)
    for (index, sample) in samples.enumerated() {
      (columns + index).initialize(
        to: Column(
          base: storages[index].baseAddress, dtype: sample.dtype, rowElements: sample.shape.elementCount))
    }
  }

  deinit { columns.deallocate() }

  /// The bytes allocated for all columns.
  var byteCount: Int { storages.reduce(0) { $0 + $1.allocatedByteCount } }

  /// The elements of one sample in one column.
  public func row<Element: TensorElement>(
    _ row: Int, column: Int, of element: Element.Type = Element.self
  ) -> UnsafeMutableBufferPointer<Element> {
    precondition(row >= 0 && row < count && column >= 0 && column < types.count, "row or column out of range")
    let place = columns[column]
    precondition(place.dtype == Element.dtype, "the column has another element type")
    let base = place.base.assumingMemoryBound(to: Element.self)
    return UnsafeMutableBufferPointer(start: base + row * place.rowElements, count: place.rowElements)
  }

  /// The bytes of one sample in one column.
  func rowBytes(_ row: Int, column: Int) -> UnsafeMutableRawBufferPointer {
    precondition(row >= 0 && row < count && column >= 0 && column < types.count, "row or column out of range")
    let byteCount = columns[column].rowElements * columns[column].dtype.byteCount
    return UnsafeMutableRawBufferPointer(start: columns[column].base + row * byteCount, count: byteCount)
  }

  /// The bytes of a column.
  public func bytes(column: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: storages[column].baseAddress, count: types[column].byteCount)
  }

  /// A copy of a column.
  public func tensor(column: Int) throws(ShapeError) -> Tensor {
    let copy = TensorStorage(byteCount: types[column].byteCount, zeroed: false)
    copy.baseAddress.copyMemory(from: storages[column].baseAddress, byteCount: types[column].byteCount)
    return try Tensor(storage: copy, type: types[column])
  }
}
