public import TributaryOps

// Operators that are linear in their operands: the tangent of the result is the operator applied to tangents.

extension BroadcastTo {
  /// The tangent, broadcast.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension Reshape {
  /// The tangent in the result's shape.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension Transpose {
  /// The tangent with its axes in the same order.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension Slice {
  /// The same part of the tangent.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension SliceScatter {
  /// The tangent in the operand's place.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}

extension Pad {
  /// The tangent with a border of zeros.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(Pad(pads: pads, value: 0)) }
}

extension Concat {
  /// The tangents one after the other.
  public func jvp(_ context: JVPContext) -> [Value?] {
    [context.builder.emit(self, context.inputs.indices.map(context.tangent))]
  }
}

extension Accumulate {
  /// The sum of the tangents.
  public func jvp(_ context: JVPContext) -> [Value?] {
    let tangents = context.tangents.compactMap { $0 }
    return [tangents.count == 1 ? tangents[0] : context.builder.emit(self, tangents)]
  }
}

extension Reduce {
  /// The sum or mean of the tangent; by the transpose for others.
  public func jvp(_ context: JVPContext) -> [Value?] {
    switch function {
    case .sum, .mean: context.linear(self)
    case .prod, .max, .min: context.transposed(vjp)
    }
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

extension MatMul {
  /// A′·Ḃ′ + Ȧ′·B′ + the addend's tangent.
  public func jvp(_ context: JVPContext) -> [Value?] {
    let product = MatMul(transposeA: transposeA, transposeB: transposeB)
    let terms = [
      context.tangents[0].map { context.apply(product, $0, context.inputs[1]) },
      context.tangents[1].map { context.apply(product, context.inputs[0], $0) },
      accumulating ? context.tangents[2] : nil,
    ].compactMap { $0 }
    return [terms.count == 1 ? terms[0] : context.builder.emit(Accumulate(), terms)]
  }
}

extension Sort {
  /// The tangent, read where the elements that are kept come from.
  public func jvp(_ context: JVPContext) -> [Value?] {
    [context.apply(Gather(axis: axis), context.tangent(0), context.outputs[1]), nil]
  }
}

extension RandomDrop {
  /// The same mask and scale, applied to the tangent.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}
