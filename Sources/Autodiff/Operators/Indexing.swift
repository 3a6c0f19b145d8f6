public import TributaryOps

// Reading and writing at indices. Index values are i32 or i64 and never differentiated; one outside its axis ends the
// run with an error that names the node.

/// Integer classes as vectors with a one at the class: shape `classes.shape + [count]`. A class outside the range gives
/// zeros alone.
public func oneHot(
  _ classes: Value, count: Int, dtype: DType = .float32, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  classes.builder.emit(OneHot(classes: count, dtype: dtype), [classes], SourceSite(file, line))
}

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

extension Embedding: DifferentiableOperator {
  /// The cotangents added up by row.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let rows = context.inputs[0].shape[0]
    return [context.apply(EmbeddingGradient(rows: rows), context.dy, context.inputs[1]), nil]
  }
}

extension EmbeddingGradient: DifferentiableOperator {
  /// The rows of the cotangent, looked up; the cotangent itself for the sum so far.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.when(0) { context.apply(Embedding(), context.dy, context.inputs[1]) }, nil]
      + (accumulating ? [context.dy] : [])
  }
}

extension Gather: DifferentiableOperator {
  /// The cotangents added where they were read.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let zeros = context.builder.zeros(context.inputs[0].type)
    return [context.apply(ScatterAdd(axis: axis), zeros, context.inputs[1], context.dy), nil]
  }
}

extension ScatterAdd: DifferentiableOperator {
  /// The cotangent for the base; what lies at the indices for the source.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [
      context.when(0) { context.dy }, nil,
      context.when(2) { context.apply(Gather(axis: axis), context.dy, context.inputs[1]) },
    ]
  }
}

extension IndexSelect: DifferentiableOperator {
  /// The cotangents added up by index: along axis 0 as rows of a table, along others element by element.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let x = context.inputs[0]
    let index = context.inputs[1]
    let dy = context.dy
    if axis == 0 {
      let width = x.shape.dimensions.dropFirst().reduce(1, *)
      let table = context.apply(
        EmbeddingGradient(rows: x.shape[0]), reshaped(dy, [dy.shape[0], width]), index)
      return [reshaped(table, x.shape), nil]
    }
    var shape = Shape([Int](repeating: 1, count: x.rank))
    shape[axis] = index.shape[0]
    let indices = context.apply(BroadcastTo(shape: dy.shape), reshaped(index, shape))
    return [context.apply(ScatterAdd(axis: axis), context.builder.zeros(x.type), indices, dy), nil]
  }
}

extension Embedding {
  /// The tangent's rows, looked up.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension EmbeddingGradient {
  /// The tangent's rows, added up, and the tangent of the sum so far.
  public func jvp(_ context: JVPContext) -> [Value?] {
    let added = context.tangents[0].map { tangent in
      context.apply(EmbeddingGradient(rows: rows), tangent, context.inputs[1])
    }
    let terms = [added, accumulating ? context.tangents[2] : nil].compactMap { $0 }
    return [terms.count == 1 ? terms[0] : context.builder.emit(Accumulate(), terms)]
  }
}

extension Gather {
  /// The tangent, read at the same places.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension IndexSelect {
  /// The tangent's slices.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension ScatterAdd {
  /// The source's tangent, added to the base's.
  public func jvp(_ context: JVPContext) -> [Value?] {
    guard let source = context.tangents[2] else { return [context.tangents[0]] }
    return [context.apply(self, context.tangent(0), context.inputs[1], source)]
  }
}
