internal import TributaryOps

/// The derivatives that a call of `gradients` has built, keyed by what they were taken with respect to.
public struct Gradients: Sendable {
  private let builder: GraphBuilder
  private let values: [Value: Value]

  /// The derivatives, in the order in which they were asked for.
  public let all: [Value]

  init(builder: GraphBuilder, keys: [Value], all: [Value]) {
    self.builder = builder
    self.all = all
    values = Dictionary(zip(keys, all), uniquingKeysWith: { first, _ in first })
  }

  /// The derivative with respect to a value, of the value's type. Asking for one that was not requested is an error of
  /// `compile`.
  public subscript(value: Value) -> Value {
    values[value]
      ?? builder.fail(
        .notRequested, "gradients",
        "the gradient by '\(value.name)' was not asked for; add it to withRespectTo", operands: [value])
  }
}

extension GraphBuilder {
  /// Builds the derivatives of a scalar by any values, activations and parameters alike.
  ///
  /// Several contributions to one cotangent (a shared weight, a value with several readers) meet in one `accumulate`
  /// node, in an order that the graph alone fixes. A value that `y` does not depend on, or only through integers or
  /// `stopGradient`, gets explicit zeros. Derivatives are values like any other and can be differentiated again.
  /// Takes time linear in the nodes built so far.
  ///
  /// Errors of `compile`: `y` is not a scalar, something is not floating-point, or an operator on the way has no rule.
  /// - Parameters:
  ///   - y: f32 or f64, shape `[]`.
  ///   - xs: f32 or f64.
  public func gradients(
    of y: Value, withRespectTo xs: [Value], file: StaticString = #fileID, line: UInt = #line
  ) -> Gradients {
    let site = SourceSite(file, line)
    guard accepts([y] + xs, "gradients", site: site) else { return poisonedGradients(xs) }
    guard y.rank == 0 else {
      fail(
        .cotangent, "gradients",
        "'\(y.name)' is \(y.type), and only a scalar has a gradient by itself; reduce it with sum or mean, or give cotangents",
        operands: [y], site: site)
      return poisonedGradients(xs)
    }
    guard y.dtype.isFloatingPoint else { return refuse(y, xs, site) }
    let seed = constant(1, dtype: y.dtype, site: site)
    return pullBack([y], [seed], xs, site)
  }

  /// Builds the derivatives of Σₖ Σ(yₖ · cotangentₖ) by any values.
  ///
  /// As ``gradients(of:withRespectTo:file:line:)``, for outputs of any shape.
  /// - Parameters:
  ///   - ys: f32 or f64; one may occur several times.
  ///   - cotangents: One for each of `ys`, of its type.
  ///   - xs: f32 or f64.
  public func gradients(
    of ys: [Value], cotangents: [Value], withRespectTo xs: [Value], file: StaticString = #fileID,
    line: UInt = #line
  ) -> Gradients {
    let site = SourceSite(file, line)
    guard accepts(ys + cotangents + xs, "gradients", site: site) else { return poisonedGradients(xs) }
    guard ys.count == cotangents.count else {
      fail(
        .cotangent, "gradients", "\(ys.count) values need as many cotangents; \(cotangents.count) were given",
        operands: ys, site: site)
      return poisonedGradients(xs)
    }
    for (y, cotangent) in zip(ys, cotangents) {
      guard y.dtype.isFloatingPoint else { return refuse(y, xs, site) }
      guard y.type == cotangent.type else {
        fail(
          .cotangent, "gradients",
          "'\(y.name)' is \(y.type) and its cotangent \(cotangent.type); the types must be equal",
          operands: [y, cotangent], site: site)
        return poisonedGradients(xs)
      }
    }
    return pullBack(ys, cotangents, xs, site)
  }

  private func pullBack(_ ys: [Value], _ seeds: [Value], _ xs: [Value], _ site: SourceSite) -> Gradients {
    if let foreign = (ys + xs).first(where: { $0.builder !== self }) {
      fail(
        .foreignValue, "gradients",
        "'\(foreign.name)' belongs to the builder around a loop body or a branch, or inside it; differentiate values where "
          + "they were made", operands: ys + xs, site: site)
      return poisonedGradients(xs)
    }
    if let bad = xs.first(where: { !$0.dtype.isFloatingPoint }) { return refuse(bad, xs, site) }
    var walk = ReverseWalk(self, from: ys, to: xs, site: site)
    walk.run(seeds: seeds)
    return Gradients(builder: self, keys: xs, all: xs.map { walk.cotangent(of: $0) })
  }

  private func refuse(_ value: Value, _ xs: [Value], _ site: SourceSite) -> Gradients {
    fail(
      .notDifferentiable, "gradients",
      "'\(value.name)' is \(value.type); derivatives exist only of and by f32 and f64 values, so cast it before it is used",
      operands: [value], site: site)
    return poisonedGradients(xs)
  }

  private func poisonedGradients(_ xs: [Value]) -> Gradients {
    Gradients(builder: self, keys: xs, all: xs.map { _ in poisoned() })
  }
}
