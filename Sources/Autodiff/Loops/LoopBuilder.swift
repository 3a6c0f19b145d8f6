internal import Synchronization
internal import TributaryOps

/// Builds the body of a loop, and then the loop in the builder around it.
struct LoopBuilder {
  /// The builder of the body.
  let body: GraphBuilder

  private let outer: GraphBuilder
  private var carriedInputs: [(name: String, type: TensorType)] = []
  private var slicedInputs: [(name: String, type: TensorType)] = []

  /// - Parameter isLoop: Whether the body is run in steps, not once.
  init(inside outer: GraphBuilder, isLoop: Bool = true) {
    self.outer = outer
    body = GraphBuilder(inside: outer, isLoopBody: isLoop)
  }

  /// A value that each step hands to the next.
  mutating func carry(_ type: TensorType) -> Value {
    carriedInputs.append(("carried.\(carriedInputs.count)", type))
    return body.bodyInput(carriedInputs[carriedInputs.count - 1].name, type)
  }

  /// Hands the number of the step from each step to the next.
  mutating func carryStepNumber() -> Value {
    carriedInputs.append(GraphBuilder.stepNumberInput)
    return body.stepNumber
  }

  /// A step's slice of a value along its leading axis.
  mutating func slice(of value: Value) -> Value {
    let type = TensorType(value.dtype, Shape(Array(value.shape.dimensions.dropFirst())))
    slicedInputs.append(("slice.\(slicedInputs.count)", type))
    return body.bodyInput(slicedInputs[slicedInputs.count - 1].name, type)
  }

  /// Builds in the body whatever `make` builds.
  func building<Result>(_ make: () -> Result) -> Result {
    var context = BuildContext.current
    context.body = body
    // Nodes of the body belong to no region around the loop: the loop does.
    context.region = nil
    return BuildContext.$current.withValue(context, operation: make)
  }

  /// Plans the body; nil where it holds a mistake, which is recorded in the builder around it.
  func plan(_ outputs: [Value]) -> BodyPlan? {
    outer.planBody(body, inputs: carriedInputs + slicedInputs, outputs: outputs)
  }

  /// The same for a loop over an axis, where the body may have asked for the number of the step: then the numbers are one more
  /// value to be sliced.
  private func plan(_ outputs: [Value], length: Int) -> (body: BodyPlan, numbers: [Value])? {
    guard body.numbersSteps else { return plan(outputs).map { ($0, []) } }
    let inputs = carriedInputs + slicedInputs + [GraphBuilder.stepNumberInput]
    let numbers = outer.emit(Iota(type: GraphBuilder.stepNumberInput.type.stacked(length), axis: 0), [])
    return outer.planBody(body, inputs: inputs, outputs: outputs).map { ($0, [numbers]) }
  }

  /// What a loop hands back.
  struct Results {
    /// The carried values after the last step.
    var carried: [Value]
    /// The outputs of the steps, stacked.
    var outputs: [Value]
  }

  /// Builds a scan.
  ///
  /// - Returns: nil where the body holds a mistake, which is recorded in the builder around it.
  func finish(
    initial: [Value], sliced: [Value], carried: [Value], outputs: [Value], length: Int, isReversed: Bool,
    _ site: SourceSite
  ) -> Results? {
    guard let (plan, numbers) = plan(carried + outputs, length: length) else { return nil }
    let sliced = sliced + numbers
    let loop = Scan(
      body: plan, length: length, isReversed: isReversed, carriedCount: carried.count,
      slicedCount: sliced.count,
      keepsCarried: true)
    let results = outer.emitAll(loop, initial + sliced + body.capturedValues, site)
    guard results.allSatisfy({ !$0.isPoisoned }) else { return nil }
    return Results(
      carried: Array(results.prefix(carried.count)),
      outputs: Array(results[carried.count..<carried.count + outputs.count]))
  }

  /// Builds a map; its stacked outputs.
  ///
  /// - Returns: nil where the body holds a mistake, which is recorded in the builder around it.
  func finishMap(sliced: [Value], outputs: [Value], length: Int, _ site: SourceSite) -> [Value]? {
    guard let (plan, numbers) = plan(outputs, length: length) else { return nil }
    let sliced = sliced + numbers
    let loop = MapLoop(body: plan, length: length, slicedCount: sliced.count)
    let results = outer.emitAll(loop, sliced + body.capturedValues, site)
    return results.contains(where: \.isPoisoned) ? nil : results
  }
}

extension GraphBuilder {
  /// The values of the builders around this one that are used here.
  var capturedValues: [Value] { contents.withLock { $0.captures.map(\.outer) } }

  /// Plans what a builder inside this one has made; nil where it holds a mistake, which is then recorded here.
  func planBody(
    _ body: GraphBuilder, inputs: [(name: String, type: TensorType)], outputs: [Value]
  ) -> BodyPlan? {
    let issues = body.issues
    guard issues.isEmpty, !outputs.contains(where: \.isPoisoned) else {
      contents.withLock { $0.issues += issues }
      return nil
    }
    do {
      return try BodyPlan(body, inputs: inputs, outputs: outputs)
    } catch {
      contents.withLock { $0.issues += error.issues }
      return nil
    }
  }
}
