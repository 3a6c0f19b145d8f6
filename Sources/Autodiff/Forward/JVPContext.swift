public import TributaryOps

/// One use of an operator, as its rule of forward mode sees it.
public struct JVPContext: Sendable {
  /// The builder in which the rule builds.
  public let builder: GraphBuilder

  /// The operands.
  public let inputs: [Value]

  /// The results.
  public let outputs: [Value]

  /// The tangents of the operands, each of its operand's type; nil for one that does not depend on what is
  /// differentiated by. At least one is not nil.
  public let tangents: [Value?]

  /// The tangent of an operand; explicit zeros where it does not depend on what is differentiated by.
  public func tangent(_ input: Int) -> Value { tangents[input] ?? builder.zeros(inputs[input].type) }

  /// Applies an operator with one output.
  public func apply(_ applied: any Operator, _ inputs: Value...) -> Value { builder.emit(applied, inputs) }

  /// The tangents of the results by the transpose of a vector-Jacobian product.
  ///
  /// A rule x̄ = Jᵀu is linear in u, so its own vector-Jacobian product by u, for the "cotangent" ẋ, is J·ẋ (J. Townsend,
  /// "A new trick for calculating Jacobian vector products", 2017). The rule is built for a u of zeros and differentiated
  /// by it; what depends on u alone is dead and costs nothing when the graph runs. Takes time linear in the nodes that
  /// the rule builds.
  /// - Parameter rule: The operator's `vjp`; what it builds must be differentiable by the cotangents.
  public func transposed(_ rule: (VJPContext) -> [Value?]) -> [Value?] {
    let cotangents = outputs.map { output in
      output.dtype.isFloatingPoint ? builder.zeros(output.type) : nil
    }
    let pulled = rule(
      VJPContext(
        builder: builder, inputs: inputs, outputs: outputs, cotangents: cotangents,
        isNeeded: tangents.map { $0 != nil }))
    guard pulled.count == inputs.count else {
      builder.fail(
        .notDifferentiable, "jvp",
        "the derivative rule gave \(pulled.count) cotangents for \(inputs.count) inputs", operands: inputs)
      return outputs.map { _ in nil }
    }
    var ys: [Value] = []
    var seeds: [Value] = []
    for (position, (pulled, tangent)) in zip(pulled, tangents).enumerated() {
      guard let pulled, let tangent, !pulled.isPoisoned else { continue }
      guard pulled.type == tangent.type else {
        builder.fail(
          .notDifferentiable, "jvp",
          "the derivative rule gave a cotangent \(pulled.type) for input \(position), which is \(tangent.type)",
          operands: inputs)
        continue
      }
      ys.append(pulled)
      seeds.append(tangent)
    }
    var walk = ReverseWalk(builder, from: ys, to: cotangents.compactMap { $0 }, site: .unknown)
    walk.run(seeds: seeds)
    return cotangents.map { $0.flatMap { walk.arrived(at: $0) } }
  }
}

extension JVPContext {
  /// The tangent of the one result of an operator that is linear in its first operand alone: the operator applied to
  /// that operand's tangent and to the other operands.
  func linear(_ applied: any Operator) -> [Value?] {
    [tangents[0].map { builder.emit(applied, [$0] + inputs.dropFirst()) }]
  }

  /// The tangent of the one result of an operator of one operand whose Jacobian is symmetric, as that of every
  /// elementwise function is: J·ẋ = Jᵀ·ẋ.
  func symmetric(_ rule: (VJPContext) -> [Value?]) -> [Value?] {
    rule(
      VJPContext(
        builder: builder, inputs: inputs, outputs: outputs, cotangents: [tangents[0]], isNeeded: [true]))
  }

  /// A tangent broadcast to the result's shape.
  func spread(_ tangent: Value) -> Value {
    let type = outputs[0].type
    return tangent.isPoisoned || tangent.type == type
      ? tangent : builder.emit(BroadcastTo(shape: type.shape), [tangent])
  }
}
