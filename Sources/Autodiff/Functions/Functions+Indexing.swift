internal import TributaryOps

// Reading and writing at indices. Index values are i32 or i64 and never differentiated; one outside its axis ends the
// run with an error that names the node.

/// Rows of a table: `[V, D]` at ids of any shape gives `ids.shape + [D]`.
public func embedding(_ table: Value, _ ids: Value, file: StaticString = #fileID, line: UInt = #line) -> Value
{
  table.builder.emit(Embedding(), [table, ids], SourceSite(file, line))
}

/// `out[.., j, ..] = x[.., index[.., j, ..], ..]` along an axis; the index has x's rank and the result its shape.
public func gather(
  _ x: Value, _ index: Value, axis: Int, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  x.builder.emit("gather", [x, index], SourceSite(file, line)) { () throws(ShapeError) in
    Gather(axis: try x.shape.resolved(axis: axis))
  }
}

/// The slices of x at the indices of a vector, along an axis.
public func indexSelect(
  _ x: Value, _ index: Value, axis: Int, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  x.builder.emit("index_select", [x, index], SourceSite(file, line)) { () throws(ShapeError) in
    IndexSelect(axis: try x.shape.resolved(axis: axis))
  }
}

/// `base` with `base[.., index[.., j, ..], ..] += source[.., j, ..]` along an axis, in order of j; index and source have
/// one shape.
public func scatterAdd(
  _ base: Value, _ index: Value, _ source: Value, axis: Int, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  base.builder.emit("scatter_add", [base, index, source], SourceSite(file, line)) { () throws(ShapeError) in
    ScatterAdd(axis: try base.shape.resolved(axis: axis))
  }
}
