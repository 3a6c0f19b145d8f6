internal import TributaryOps

/// A body run as long as a condition holds, handing values from each step to the next.
///
/// Inputs: the first values of the carried ones; what the condition uses from around it, then what the body uses. Outputs: the
/// carried values for which the condition did not hold.
struct WhileLoop: Operator {
  /// From carried and captured values to a bool scalar.
  let condition: BodyPlan
  /// From carried and captured values to carried values.
  let body: BodyPlan

  var name: String { "while" }

  var attributes: [Attribute] {
    [Attribute("condition", condition.fingerprint), Attribute("body", body.fingerprint)]
  }

  /// How many values are carried.
  var carriedCount: Int { body.outputTypes.count }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let wanted = condition.inputTypes + body.inputTypes.dropFirst(carriedCount)
    guard inputs == wanted else {
      throw ShapeError(.dimension, "while: the inputs are \(inputs) and must be \(wanted)")
    }
    return body.outputTypes
  }

  /// One step: how many there will be is not known.
  func cost(_ signature: Signature) -> Cost { condition.cost + body.cost }

  var canFault: Bool { condition.canFault || body.canFault }

  /// A second place for every carried value, and the condition's outcome.
  func scratchBytes(_ signature: Signature, region: Region) -> Int { placesInScratch.end }

  /// Where the carried values rest in scratch memory, whose first 64 bytes hold the condition's outcome.
  fileprivate var placesInScratch: (each: [Int], end: Int) { body.offsets(ofFirst: carriedCount, from: 64) }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let steps = WhileSteps(self)
    return Kernel(implementation: "plan") { steps.run($0) }
  }
}

extension WhileLoop: DifferentiableOperator {
  /// None: how many steps' values would have to be kept is not known before.
  func vjp(_ context: VJPContext) -> [Value?] {
    context.builder.fail(
      .notDifferentiable, name,
      "a while loop has no derivative, since the number of its steps is not known; use scan, or cut the way with stopGradient",
      operands: context.inputs)
    return context.inputs.map { _ in nil }
  }
}

/// The steps of a while loop over raw memory.
private final class WhileSteps: Sendable {
  private let condition: BodyPlan
  private let body: BodyPlan
  private let carried: Int
  private let inputCount: Int
  private let bytes: [Int]
  private let offsets: [Int]

  init(_ loop: WhileLoop) {
    condition = loop.condition
    body = loop.body
    carried = loop.carriedCount
    inputCount = condition.inputTypes.count + body.inputTypes.count - carried
    bytes = body.outputTypes.map(\.byteCount)
    offsets = loop.placesInScratch.each
  }

  func run(_ arguments: KernelArguments) -> KernelStatus {
    let test = condition.begin()
    let step = body.begin()
    for index in carried..<condition.inputTypes.count { test.feed(index, arguments.pointers[index]) }
    let captured = condition.inputTypes.count - carried
    for index in carried..<body.inputTypes.count { step.feed(index, arguments.pointers[captured + index]) }
    return withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: carried + 1) { places in
      guard let places = places.baseAddress else { return .success }
      var count = 0
      while true {
        for index in 0..<carried { test.feed(index, place(index, count, arguments)) }
        places.initialize(to: arguments.scratch)
        let status = test.run(into: places)
        if status != .success { return status }
        if arguments.scratch.load(as: UInt8.self) == 0 { break }
        for index in 0..<carried {
          step.feed(index, place(index, count, arguments))
          (places + index).initialize(to: place(index, count + 1, arguments))
        }
        let stepped = step.run(into: places)
        if stepped != .success { return stepped }
        count += 1
      }
      for index in 0..<carried where place(index, count, arguments) != arguments.pointers[inputCount + index]
      {
        arguments.pointers[inputCount + index].copyMemory(
          from: place(index, count, arguments), byteCount: bytes[index])
      }
      return .success
    }
  }

  /// Where a carried value lies before a step.
  private func place(_ index: Int, _ step: Int, _ arguments: KernelArguments) -> UnsafeMutableRawPointer {
    if step == 0 { return arguments.pointers[index] }
    return step % 2 == 1 ? arguments.pointers[inputCount + index] : arguments.scratch + offsets[index]
  }
}
