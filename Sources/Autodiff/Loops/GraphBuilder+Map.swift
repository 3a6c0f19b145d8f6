internal import TributaryOps

/// Loops whose steps know nothing of each other.
extension GraphBuilder {
  /// Runs a body for each slice of some inputs; the steps may run at the same time.
  ///
  /// ```swift
  /// let products = g.map(over: [as, bs]) { slices in [matmul(slices[0], slices[1])] }[0]
  /// ```
  ///
  /// The body is built once and has a plan of its own. It may use any values made before, which are the same in every step; their
  /// gradients add up over the steps in a fixed order, in one product of stacked factors where the body uses them in products of
  /// matrices. Where an operator takes leading axes anyway, as `matmul` does, using it directly is faster. Differentiable to any
  /// order; the values of a step are computed again.
  ///
  /// - Parameters:
  ///   - inputs: Values whose leading axis is cut; at least one, all of one length.
  ///   - step: Builds the outputs, at least one, from one slice of each input. Called once.
  /// - Returns: The outputs of all steps, stacked along a new leading axis. Poisoned values where something does not fit, which is
  ///   an error of `compile`.
  public func map(
    over inputs: [Value], file: StaticString = #fileID, line: UInt = #line,
    _ step: (_ slices: [Value]) -> [Value]
  ) -> [Value] {
    if let body = bodyBeingBuilt { return body.map(over: inputs, file: file, line: line, step) }
    let site = SourceSite(file, line)
    func poison() -> [Value] { (0..<Self.poisonedOutputCount).map { _ in poisoned() } }
    guard accepts(inputs, "map", site: site), let length = loopLength("map", inputs, nil, site) else {
      return poison()
    }
    var loop = LoopBuilder(inside: self)
    let slices = inputs.map { loop.slice(of: $0) }
    let made = loop.building { step(slices) }
    guard !made.isEmpty else {
      fail(.shape, "map", "the body gives no output and must give one", operands: inputs, site: site)
      return poison()
    }
    return loop.finishMap(sliced: inputs, outputs: made, length: length, site) ?? poison()
  }
}
