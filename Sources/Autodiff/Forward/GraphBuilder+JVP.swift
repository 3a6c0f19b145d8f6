internal import TributaryOps

extension GraphBuilder {
  /// Builds the Jacobian-vector product J·ẋ by forward mode: how values change along a direction.
  ///
  /// For each y the sum over all x of ∂y/∂x · ẋ. Where an x is itself computed from another, its own change is added to the
  /// one that follows from the other's. Values that do not depend on any x, or only through integers or
  /// ``stopGradient(_:file:line:)``, get zeros. Tangents are values like any other and can be differentiated again.
  ///
  /// Every differentiable operator has forward mode. The products take about the time of computing the values once or
  /// twice, and nothing is kept for a backward pass. Building takes time linear in the nodes since the first x.
  ///
  /// Errors of `compile`: something is not floating-point, tangents do not fit, or an operator on the way has no rule.
  /// - Parameters:
  ///   - ys: f32 or f64, of any shape.
  ///   - xs: f32 or f64; one may occur several times.
  ///   - tangents: ẋ, one for each of `xs`, of its type.
  /// - Returns: One tangent for each of `ys`, of its type.
  public func jvp(
    of ys: [Value], withRespectTo xs: [Value], tangents: [Value], file: StaticString = #fileID,
    line: UInt = #line
  ) -> [Value] {
    let site = SourceSite(file, line)
    func poison() -> [Value] { ys.map { _ in poisoned() } }
    guard accepts(ys + xs + tangents, "jvp", site: site) else { return poison() }
    if let bad = (ys + xs).first(where: { !$0.dtype.isFloatingPoint }) {
      fail(
        .notDifferentiable, "jvp",
        "'\(bad.name)' is \(bad.type); derivatives exist only of and by f32 and f64 values, so cast it before it is used",
        operands: [bad], site: site)
      return poison()
    }
    guard xs.count == tangents.count else {
      fail(
        .cotangent, "jvp", "\(xs.count) values need as many tangents; \(tangents.count) were given",
        operands: xs,
        site: site)
      return poison()
    }
    for (x, tangent) in zip(xs, tangents) where x.type != tangent.type {
      fail(
        .cotangent, "jvp",
        "'\(x.name)' is \(x.type) and its tangent \(tangent.type); the types must be equal",
        operands: [x, tangent], site: site)
      return poison()
    }
    var walk = ForwardWalk(self, from: xs, to: ys, site: site)
    walk.run(from: xs, seeds: tangents)
    return ys.map { walk.tangent(of: $0) }
  }

  /// Builds the vector-Jacobian product Jᵀ·ȳ by reverse mode; what
  /// ``gradients(of:cotangents:withRespectTo:file:line:)`` builds, as a list.
  ///
  /// Takes about twice the time of computing the values, and the memory of what the rules read of them.
  /// - Parameters:
  ///   - ys: f32 or f64, of any shape.
  ///   - cotangents: ȳ, one for each of `ys`, of its type.
  ///   - xs: f32 or f64.
  /// - Returns: One cotangent for each of `xs`, of its type.
  public func vjp(
    of ys: [Value], cotangents: [Value], withRespectTo xs: [Value], file: StaticString = #fileID,
    line: UInt = #line
  ) -> [Value] {
    gradients(of: ys, cotangents: cotangents, withRespectTo: xs, file: file, line: line).all
  }

  /// Builds the Hessian-vector product H·v of a scalar by several values, without its Hessian: the tangent of the gradient
  /// (B. Pearlmutter, "Fast exact multiplication by the Hessian", 1994), forward over reverse.
  ///
  /// Takes about twice the time of the gradient.
  /// - Parameters:
  ///   - y: f32 or f64, shape `[]`.
  ///   - xs: f32 or f64.
  ///   - vectors: v, one for each of `xs`, of its type.
  /// - Returns: For each x the sum over all x′ of ∂²y/∂x∂x′ · v′, of x's type.
  public func hvp(
    of y: Value, withRespectTo xs: [Value], vectors: [Value], file: StaticString = #fileID, line: UInt = #line
  ) -> [Value] {
    let gradients = gradients(of: y, withRespectTo: xs, file: file, line: line)
    return jvp(of: gradients.all, withRespectTo: xs, tangents: vectors, file: file, line: line)
  }
}
