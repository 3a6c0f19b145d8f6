public import TributaryOps

/// eˣ / Σeˣ along an axis, without overflow.
public func softmax(_ x: Value, axis: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Value {
  x.builder.emit("softmax", [x], SourceSite(file, line)) { () throws(ShapeError) in
    Softmax(axis: try x.shape.resolved(axis: axis))
  }
}

/// x − log Σeˣ along an axis, without overflow.
public func logSoftmax(_ x: Value, axis: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Value
{
  x.builder.emit("log_softmax", [x], SourceSite(file, line)) { () throws(ShapeError) in
    LogSoftmax(axis: try x.shape.resolved(axis: axis))
  }
}

extension Softmax: DifferentiableOperator {
  /// y · (dy − Σ dy·y).
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.apply(SoftmaxGradient(axis: axis), context.dy, context.outputs[0])]
  }
}

/// ``DifferentiableOperator``: g(dy, y) = y · (dy − Σ dy·y) is linear and symmetric in dy.
extension SoftmaxGradient: DifferentiableOperator {
  /// With cotangent c: g(c, y) for dy; c·(dy − Σ dy·y) − dy·Σ c·y for y.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let dy = context.inputs[0]
    let y = context.inputs[1]
    let c = context.dy
    return [
      context.when(0) { context.apply(SoftmaxGradient(axis: axis), c, y) },
      context.when(1) {
        c * (dy - reduce(.sum, dy * y, [axis], true)) - dy * reduce(.sum, c * y, [axis], true)
      },
    ]
  }
}

extension LogSoftmax: DifferentiableOperator {
  /// dy − eʸ · Σ dy.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.apply(LogSoftmaxGradient(axis: axis), context.dy, context.outputs[0])]
  }
}

extension LogSoftmaxGradient: DifferentiableOperator {
  /// With cotangent c: c − Σ c·eʸ for dy; −c·eʸ·Σ dy for y.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let dy = context.inputs[0]
    let c = context.dy
    let weighted = c * unary(.exp, context.inputs[1])
    return [
      context.when(0) { c - reduce(.sum, weighted, [axis], true) },
      context.when(1) { -(weighted * reduce(.sum, dy, [axis], true)) },
    ]
  }
}

extension Softmax {
  /// y · (ẋ − Σ ẋ·y): the Jacobian is symmetric, so that both modes have one rule.
  public func jvp(_ context: JVPContext) -> [Value?] { context.symmetric(vjp) }
}
