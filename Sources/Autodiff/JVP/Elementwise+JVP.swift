public import TributaryOps

extension Unary {
  /// f′(x) · ẋ: the Jacobian is diagonal, so that both modes have one rule.
  public func jvp(_ context: JVPContext) -> [Value?] { context.symmetric(vjp) }
}

extension Binary {
  /// ∂f/∂x · ẋ + ∂f/∂y · ẏ; by the transpose for powers and for the helpers of gradients.
  public func jvp(_ context: JVPContext) -> [Value?] {
    let a = context.inputs[0]
    let b = context.inputs[1]
    func sum(_ left: (Value) -> Value, _ right: (Value) -> Value) -> [Value?] {
      switch (context.tangents[0], context.tangents[1]) {
      case (let da?, let db?): [context.spread(left(da) + right(db))]
      case (let da?, nil): [context.spread(left(da))]
      case (nil, let db?): [context.spread(right(db))]
      case (nil, nil): [nil]
      }
    }
    switch function {
    case .add: return sum({ $0 }, { $0 })
    case .sub:
      if let da = context.tangents[0], let db = context.tangents[1] { return [context.spread(da - db)] }
      return sum({ $0 }, { -$0 })
    case .mul: return sum({ $0 * b }, { $0 * a })
    case .div: return sum({ $0 / b }, { -($0 * (context.outputs[0] / b)) })
    case .maximum: return [taken(context, a .> b, a .== b)]
    case .minimum: return [taken(context, a .< b, a .== b)]
    case .pow, .tanhGradient, .sigmoidGradient, .reluGradient: return context.transposed(vjp)
    }
  }
}

/// The first operand's tangent where it wins, the mean of both where they tie, else the second's.
private func taken(_ context: JVPContext, _ wins: Value, _ ties: Value) -> Value {
  let zero = context.builder.constant(0, dtype: context.outputs[0].dtype)
  let left = context.tangents[0] ?? zero
  let right = context.tangents[1] ?? zero
  let tied = context.apply(Where(), ties, (left + right) * 0.5, right)
  return context.spread(context.apply(Where(), wins, left, tied))
}

extension Where {
  /// The tangent of the operand that was taken.
  public func jvp(_ context: JVPContext) -> [Value?] {
    let zero = context.builder.constant(0, dtype: context.outputs[0].dtype)
    return [
      context.spread(
        context.apply(self, context.inputs[0], context.tangents[1] ?? zero, context.tangents[2] ?? zero))
    ]
  }
}

extension Cast {
  /// The tangent in the result's element type; nothing through integers and masks.
  public func jvp(_ context: JVPContext) -> [Value?] {
    context.outputs[0].dtype.isFloatingPoint ? context.linear(self) : [nil]
  }
}

extension Softmax {
  /// y · (ẋ − Σ ẋ·y): the Jacobian is symmetric, so that both modes have one rule.
  public func jvp(_ context: JVPContext) -> [Value?] { context.symmetric(vjp) }
}
