internal import CKernels

/// Rows of a table: (table [V, D], ids of any shape) to [ids.shape, D]. All ids are checked before anything is
/// written; one outside 0 ..< V is a fault.
public struct Embedding: Operator {
  /// The lookup; it has no attributes.
  public init() {}

  /// `embedding`.
  public var name: String { "embedding" }

  /// The ids' shape with the table's columns as last axis.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    try expectIndices(inputs[1])
    guard inputs[0].rank == 2 else {
      throw ShapeError(.rank, "embedding: the table must be [rows, columns] and was given as \(inputs[0])")
    }
    let shape = Shape(Array(inputs[1].shape) + [inputs[0].shape[1]])
    try shape.validate()
    return [TensorType(inputs[0].dtype, shape)]
  }

  /// The rows are read once for every id.
  public func cost(_ signature: Signature) -> Cost {
    let bytes = Double(signature.outputs[0].byteCount)
    return Cost(flops: 0, bytesRead: bytes + Double(signature.inputs[1].byteCount), bytesWritten: bytes)
  }

  /// The first axis of the ids, then the columns.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    let rank = signature.outputs[0].rank
    return (rank > 1 ? [SplitAxis(0)] : []) + [SplitAxis(rank - 1, minimum: 16, multiple: 16)]
  }

  /// The region's ids; all rows of the table, in the region's columns.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let whole = Region(whole: signature.inputs[index].shape)
    if index == 0 { return whole.replacing(axis: 1, with: region[region.rank - 1]) }
    return whole.rank == 0 ? whole : whole.replacing(axis: 0, with: region[0])
  }

  /// Ids are checked when the kernel runs.
  public var canFault: Bool { true }

  /// The kernel of a range of ids and columns.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let (table, ids) = (signature.inputs[0], signature.inputs[1])
    let columns = region[region.rank - 1]
    let perStep = ids.shape.dropFirst().reduce(1, *)
    let range = ids.rank == 0 ? 0..<1 : region[0].lowerBound * perStep..<region[0].upperBound * perStep
    let (bytes, width) = (table.dtype.byteCount, table.shape[1])
    let take = ck_take(
      outer: 1, count: range.count, bytes: columns.count * bytes, x_offset: columns.lowerBound * bytes,
      x_outer: 0, x_stride: width * bytes, y_offset: (range.lowerBound * width + columns.lowerBound) * bytes,
      y_outer: 0, y_stride: width * bytes, first_index: range.lowerBound, wide: ids.dtype == .int64 ? 1 : 0)
    return .taking(take, ids, limit: table.shape[0], indices: range)
  }
}

/// The gradient of ``Embedding`` by the table: (dy [ids.shape, D], ids) to [rows, D]. Rows that several ids name are
/// summed in order of the ids' positions.
///
/// When accumulating, a third input of the output's type is added to, and may be overwritten by the output.
public struct EmbeddingGradient: Operator {
  /// The number of rows of the table.
  public let rows: Int

  /// Whether the gradient is added to a third input.
  public let accumulating: Bool

  /// A gradient for a table with so many rows.
  public init(rows: Int, accumulating: Bool = false) {
    self.rows = rows
    self.accumulating = accumulating
  }

  /// `embedding_gradient`.
  public var name: String { "embedding_gradient" }

  /// What the operator was made with.
  public var attributes: [Attribute] {
    [Attribute("rows", rows)] + (accumulating ? [Attribute("accumulating", true)] : [])
  }

  /// The type of the table.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: accumulating ? 3 : 2)
    let (dy, ids) = (inputs[0], inputs[1])
    try expectFloatingPoint(dy)
    try expectIndices(ids)
    guard dy.rank == ids.rank + 1, Shape(dy.shape.dropLast()) == ids.shape else {
      throw ShapeError(
        .dimension,
        "embedding_gradient: the cotangent \(dy) must have the ids' axes, \(ids), and one more")
    }
    let output = TensorType(dy.dtype, [rows, dy.shape[dy.rank - 1]])
    try output.shape.validate()
    if accumulating, inputs[2] != output {
      throw ShapeError(
        .dimension, "embedding_gradient: the sum so far is \(inputs[2]) and the gradient \(output)")
    }
    return [output]
  }

  /// One addition for every element of the cotangent.
  public func cost(_ signature: Signature) -> Cost {
    .streaming(
      signature,
      flopsPerElement: Double(signature.inputs[0].elementCount)
        / Double(max(signature.outputs[0].elementCount, 1)))
  }

  /// Columns, then rows; a piece of rows reads all ids.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    [SplitAxis(1, minimum: 16, multiple: 16), SplitAxis(0, minimum: 64)]
  }

  /// All positions, in the region's columns; the region of the sum so far.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    guard index < 2 else { return region }
    let whole = Region(whole: signature.inputs[index].shape)
    return index == 0 ? whole.replacing(axis: whole.rank - 1, with: region[1]) : whole
  }

  /// The sum so far.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { input == 2 }

  /// Ids are checked when the kernel runs.
  public var canFault: Bool { true }

  /// The kernel of a range of rows and columns.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let (output, ids) = (signature.outputs[0], signature.inputs[1])
    let width = output.shape[1]
    let add = ck_add_rows(
      count: ids.elementCount, width: region[1].count, row_begin: region[0].lowerBound,
      row_end: region[0].upperBound, x_offset: region[1].lowerBound, x_stride: width,
      y_offset: region[1].lowerBound, y_stride: width, wide: ids.dtype == .int64 ? 1 : 0)
    let start =
      accumulating
      ? StridedCopy(output.dtype, region: region, of: output.shape)
      : StridedCopy(output.dtype, filling: region, of: output.shape)
    let (dtype, limit, accumulating) = (output.dtype.code, Int64(output.shape[0]), accumulating)
    return Kernel { arguments in
      let target = arguments.pointers[accumulating ? 3 : 2]
      var bad: Int64 = 0
      guard ck_indices_valid(arguments.pointers[1], add.wide, add.count, limit, &bad) != 0 else {
        return KernelStatus(.indexOutOfRange, detail: Int(bad))
      }
      if !accumulating {
        start.fillZero(target)
      } else if arguments.pointers[2] != target {
        start(from: arguments.pointers[2], to: target)
      }
      withUnsafePointer(to: add) {
        ck_add_rows_run(dtype, $0, arguments.pointers[0], arguments.pointers[1], target)
      }
      return .success
    }
  }
}
