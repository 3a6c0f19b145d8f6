internal import TributaryOps

/// Loops over an axis in a static graph.
extension GraphBuilder {
  /// Runs a body once for each slice of some inputs, handing values from each step to the next: recurrent nets, running
  /// sums, solvers.
  ///
  /// ```swift
  /// let (h, ys) = g.scan(carrying: [h0], over: [xs]) { carried, slices in
  ///   let h = tanh(matmul(slices[0], wx) + matmul(carried[0], wh))
  ///   return ([h], [h])
  /// }
  /// ```
  ///
  /// The body is built once and has a plan of its own; its operators run on the same workers as everything else. It may use any
  /// values made before, such as parameters, which are the same in every step: their gradients add up over the steps, the last
  /// step first, in one product of stacked factors where the body uses them in products of matrices. Inputs, parameters and
  /// states are declared outside. Differentiable in everything floating-point, to any order; the values carried are kept for
  /// each step, all others of a step are computed again (Griewank and Walther, *Evaluating Derivatives*, 2008, §12.1).
  ///
  /// - Parameters:
  ///   - initial: The values carried into the first step, of any shapes and types; they keep both.
  ///   - inputs: Values whose leading axis is cut; all of one length.
  ///   - length: How many steps; needed when there are no inputs.
  ///   - reverse: Whether to begin at the last slice. Outputs lie where their slices do.
  ///   - step: Builds the body from the carried values and one slice of each input; gives the carried values of the next step, and
  ///     outputs. Called once.
  /// - Returns: The carried values after the last step, and the outputs of all steps stacked along a new leading axis.
  ///   Poisoned values where something does not fit, which is an error of `compile`.
  public func scan(
    carrying initial: [Value], over inputs: [Value] = [], length: Int? = nil, reverse: Bool = false,
    file: StaticString = #fileID, line: UInt = #line,
    _ step: (_ carried: [Value], _ slices: [Value]) -> (carried: [Value], outputs: [Value])
  ) -> (carried: [Value], outputs: [Value]) {
    if let body = bodyBeingBuilt {
      return body.scan(
        carrying: initial, over: inputs, length: length, reverse: reverse, file: file, line: line, step)
    }
    let site = SourceSite(file, line)
    func poison() -> (carried: [Value], outputs: [Value]) {
      (initial.map { _ in poisoned() }, (0..<Self.poisonedOutputCount).map { _ in poisoned() })
    }
    guard accepts(initial + inputs, "scan", site: site) else { return poison() }
    guard let length = loopLength("scan", inputs, length, site) else { return poison() }
    var loop = LoopBuilder(inside: self)
    let carried = initial.map { loop.carry($0.type) }
    let slices = inputs.map { loop.slice(of: $0) }
    let made = loop.building { step(carried, slices) }
    guard checkCarried(made.carried, like: initial, "scan", site) else { return poison() }
    guard
      let results = loop.finish(
        initial: initial, sliced: inputs, carried: made.carried, outputs: made.outputs, length: length,
        isReversed: reverse, site)
    else { return poison() }
    return (results.carried, results.outputs)
  }

  /// How many steps a loop has; records why that cannot be told.
  func loopLength(_ subject: String, _ inputs: [Value], _ length: Int?, _ site: SourceSite) -> Int? {
    if let flat = inputs.first(where: { $0.rank == 0 }) {
      fail(
        .shape, subject, "'\(flat.name)' is a scalar and has no axis to loop over; give a stack",
        operands: inputs,
        site: site)
      return nil
    }
    let lengths = Set(inputs.map { $0.shape[0] } + (length.map { [$0] } ?? []))
    guard let only = lengths.first, lengths.count == 1, only >= 0 else {
      let message =
        lengths.isEmpty
        ? "there is nothing to loop over; give inputs or a length"
        : "leading axes and length must be one number that is not negative; found \(lengths.sorted())"
      fail(.shape, subject, message, operands: inputs, site: site)
      return nil
    }
    return only
  }

  func checkCarried(_ carried: [Value], like initial: [Value], _ subject: String, _ site: SourceSite) -> Bool
  {
    guard carried.count == initial.count else {
      fail(
        .shape, subject,
        "the body gives \(carried.count) carried values and must give \(initial.count), as it is given",
        operands: initial, site: site)
      return false
    }
    for (position, (after, before)) in zip(carried, initial).enumerated() where !after.isPoisoned {
      guard after.type == before.type else {
        fail(
          after.dtype == before.dtype ? .shape : .dtype, subject,
          "carried value \(position) is \(before.type) before a step and \(after.type) after it; the types must be equal",
          operands: initial, site: site)
        return false
      }
    }
    return true
  }
}
