public import TributaryOps

// Index patterns and triangles of matrices.

extension GraphBuilder {
  /// Each element's index along one axis.
  ///
  /// - Parameters:
  ///   - shape: The shape of the result.
  ///   - axis: The axis that is counted; negative ones count from the end.
  ///   - dtype: Any but bool.
  public func iota(
    _ shape: Shape, axis: Int = 0, dtype: DType = .int64, file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    emit("iota", [], SourceSite(file, line)) { () throws(ShapeError) in
      try shape.validate()
      return Iota(type: TensorType(dtype, shape), axis: try shape.resolved(axis: axis))
    }
  }

  /// The numbers start, start + step, … before `stop`: a vector of ⌈(stop − start) / step⌉ numbers, none where that is
  /// negative.
  ///
  /// Floating-point numbers are computed as start + i·step in f64 and rounded once more for f32. For integers start and
  /// step must be whole and every number in range.
  public func arange(
    from start: Double = 0, to stop: Double, by step: Double = 1, dtype: DType = .int64,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    let site = SourceSite(file, line)
    func refuse(_ code: ShapeError.Code, _ message: String) -> Value {
      fail(ShapeError(code, message), "arange", operands: [], site: site)
    }
    let count = ((stop - start) / step).rounded(.up)
    guard start.isFinite, stop.isFinite, step.isFinite, step != 0, count < 0x1p53 else {
      return refuse(
        .attribute,
        "the numbers from \(start) to \(stop) by \(step) are no finite list; give a step other than 0")
    }
    guard dtype != .bool else { return refuse(.dtype, "there are no numbers of bool; cast others") }
    let shape: Shape = [Int(Swift.max(count, 0))]
    guard dtype.isInteger else {
      let indices = iota(shape, dtype: .float64, file: file, line: line)
      let numbers = binary(.add, binary(.mul, indices, step, site), start, site)
      return dtype == .float64 ? numbers : emit(Cast(to: dtype), [numbers], site)
    }
    let last = start + Swift.max(count - 1, 0) * step
    // Beyond 2⁵³ a Double does not tell neighbours apart.
    let range = dtype == .int32 ? Double(Int32.min)...Double(Int32.max) : -0x1p53...0x1p53
    guard [start, step, last].allSatisfy({ $0.rounded() == $0 && range.contains($0) }) else {
      return refuse(
        .attribute,
        "the numbers from \(start) to \(stop) by \(step) are not all whole numbers in range of \(dtype)")
    }
    let indices = iota(shape, dtype: dtype, file: file, line: line)
    return binary(.add, binary(.mul, indices, step, site), start, site)
  }

  /// A bool matrix, true on and below a diagonal: where column − row ≤ diagonal. 0 is the main diagonal, positive ones lie
  /// above it.
  public func triangularMask(
    rows: Int, columns: Int, diagonal: Int = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    let site = SourceSite(file, line)
    let row = iota([rows, 1], file: file, line: line)
    let column = iota([1, columns], axis: 1, file: file, line: line)
    // Diagonals beyond the corners all say the same.
    let shift = Double(Swift.min(Swift.max(diagonal, -Swift.max(rows, 0)), Swift.max(columns, 0)))
    return emit(Compare(.lessEqual), [column, binary(.add, row, shift, site)], site)
  }

  /// The bool mask [queries, keys] of causal attention: query i sees keys 0 … i, or, with fewer queries than keys, the
  /// last query sees all keys.
  ///
  /// - Parameters:
  ///   - queries: The number of queries.
  ///   - keys: The number of keys; nil for as many.
  public func causalMask(
    queries: Int, keys: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    let keys = keys ?? queries
    return triangularMask(
      rows: queries, columns: keys, diagonal: keys &- queries, file: file, line: line)
  }
}

/// x with zeros above a diagonal of the matrices in its last two axes: elements with column − row > diagonal. Any element
/// type; the cotangent is cut the same way.
public func tril(_ x: Value, diagonal: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Value {
  triangle(x, "tril", file, line) { builder, rows, columns in
    builder.triangularMask(rows: rows, columns: columns, diagonal: diagonal, file: file, line: line)
  }
}

/// x with zeros below a diagonal of the matrices in its last two axes: elements with column − row < diagonal. Any element
/// type; the cotangent is cut the same way.
public func triu(_ x: Value, diagonal: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> Value {
  triangle(x, "triu", file, line) { builder, rows, columns in
    logicalNot(
      builder.triangularMask(
        rows: rows, columns: columns, diagonal: diagonal == .min ? .min : diagonal - 1, file: file, line: line
      ),
      file: file, line: line)
  }
}

private func triangle(
  _ x: Value, _ subject: String, _ file: StaticString, _ line: UInt,
  _ mask: (GraphBuilder, _ rows: Int, _ columns: Int) -> Value
) -> Value {
  let site = SourceSite(file, line)
  let builder = x.builder
  guard builder.accepts([x], subject, site: site) else { return builder.poisoned() }
  guard x.rank >= 2 else {
    let error = ShapeError(
      .rank, "\(x.shape) has no matrices: at least two axes are needed; reshape it first")
    return builder.fail(error, subject, operands: [x], site: site)
  }
  let kept = mask(builder, x.shape[x.rank - 2], x.shape[x.rank - 1])
  return builder.emit(Where(), [kept, x, builder.constant(0, dtype: x.dtype, site: site)], site)
}
