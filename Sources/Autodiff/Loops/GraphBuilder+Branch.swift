internal import Synchronization
internal import TributaryOps

/// Branches and loops whose course is decided when the graph runs.
extension GraphBuilder {
  /// Computes one of two things, by a value that is known when the graph runs; the other is not computed.
  ///
  /// Each body is built once, has a plan of its own and may use any values made before. Differentiable: the cotangents of what only the
  /// other body uses are zero. For choices between elements, which compute both, there is `select`.
  ///
  /// - Parameters:
  ///   - predicate: bool, shape `[]`.
  ///   - whenTrue: Builds the results when it is true.
  ///   - whenFalse: Builds results of the same types.
  /// - Returns: The results of the body taken. Poisoned values where something does not fit, which is an error of `compile`.
  public func cond(
    _ predicate: Value, file: StaticString = #fileID, line: UInt = #line, then whenTrue: () -> [Value],
    else whenFalse: () -> [Value]
  ) -> [Value] {
    if let body = bodyBeingBuilt {
      return body.cond(predicate, file: file, line: line, then: whenTrue, else: whenFalse)
    }
    let site = SourceSite(file, line)
    func poison() -> [Value] { (0..<Self.poisonedOutputCount).map { _ in poisoned() } }
    guard accepts([predicate], "cond", site: site) else { return poison() }
    guard predicate.dtype == .bool, predicate.rank == 0 else {
      fail(
        .dtype, "cond",
        "the predicate '\(predicate.name)' is \(predicate.type) and must be bool[]; compare, or reduce with any or all",
        operands: [predicate], site: site)
      return poison()
    }
    func build(_ make: () -> [Value]) -> (builder: GraphBuilder, results: [Value]) {
      let loop = LoopBuilder(inside: self, isLoop: false)
      return (loop.body, loop.building(make))
    }
    let bodies = [build(whenTrue), build(whenFalse)]
    let types = bodies.map { $0.results.map(\.type) }
    guard types[0] == types[1] || bodies.contains(where: { $0.results.contains(where: \.isPoisoned) }) else {
      fail(
        .shape, "cond", "one branch gives \(types[0]) and the other \(types[1]); the types must be equal",
        operands: [predicate], site: site)
      return poison()
    }
    var plans: [BodyPlan] = []
    for body in bodies {
      guard let plan = planBody(body.builder, inputs: [], outputs: body.results) else { return poison() }
      plans.append(plan)
    }
    if types[0].isEmpty { return [] }
    let captures = bodies.flatMap { $0.builder.capturedValues }
    return emitAll(Branch(whenTrue: plans[0], whenFalse: plans[1]), [predicate] + captures, site)
  }

  /// Runs a body as long as a condition holds, which is asked before each step.
  ///
  /// Both are built once, have plans of their own and may use any values made before. It has no derivative, since the number of
  /// steps is not known before; see ``scan(carrying:over:length:reverse:file:line:_:)``. A condition that never fails loops until
  /// the run is cancelled.
  ///
  /// - Parameters:
  ///   - initial: The values carried into the first step; they keep their types.
  ///   - condition: Builds a bool of shape `[]` from the carried values.
  ///   - step: Builds the carried values of the next step.
  /// - Returns: The first carried values for which the condition does not hold. Poisoned values where something does not fit, which
  ///   is an error of `compile`.
  public func whileLoop(
    carrying initial: [Value], file: StaticString = #fileID, line: UInt = #line,
    while condition: (_ carried: [Value]) -> Value, do step: (_ carried: [Value]) -> [Value]
  ) -> [Value] {
    if let body = bodyBeingBuilt {
      return body.whileLoop(carrying: initial, file: file, line: line, while: condition, do: step)
    }
    let site = SourceSite(file, line)
    func poison() -> [Value] { initial.map { _ in poisoned() } }
    guard accepts(initial, "while", site: site) else { return poison() }
    guard !initial.isEmpty else {
      fail(
        .shape, "while", "nothing is carried, so the condition would never change; carry a value", site: site)
      return []
    }
    var test = LoopBuilder(inside: self)
    let tested = initial.map { test.carry($0.type) }
    let outcome = test.building { condition(tested) }
    guard outcome.isPoisoned || (outcome.dtype == .bool && outcome.rank == 0) else {
      fail(
        .dtype, "while",
        "the condition is \(outcome.type) and must be bool[]; compare, or reduce with any or all",
        operands: initial, site: site)
      return poison()
    }
    var loop = LoopBuilder(inside: self)
    let carried = initial.map { loop.carry($0.type) }
    var made = loop.building { step(carried) }
    guard checkCarried(made, like: initial, "while", site) else { return poison() }
    var initial = initial
    if test.body.numbersSteps || loop.body.numbersSteps {
      _ = test.carryStepNumber()
      let number = loop.carryStepNumber()
      made.append(loop.building { number + 1 })
      initial.append(constant(Tensor(Int64(0)), site: site))
    }
    guard let condition = test.plan([outcome]), let body = loop.plan(made) else { return poison() }
    let results = emitAll(
      WhileLoop(condition: condition, body: body),
      initial + test.body.capturedValues + loop.body.capturedValues, site)
    return Array(results.prefix(carried.count))
  }
}
