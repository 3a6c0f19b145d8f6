internal import Synchronization
internal import TributaryOps

/// The number of a loop's step, for what must differ from step to step.
extension GraphBuilder {
  /// A loop body's input that numbers the steps.
  static let stepNumberInput = (name: "step", type: TensorType(.int64, .scalar))

  /// The number of the step in this loop body: the position of its slices, or how many steps came before. It becomes an
  /// input of the body when it is first asked for.
  var stepNumber: Value {
    contents.withLock { contents in
      if let known = contents.stepNumber { return known.value(of: self) }
      let (name, type) = Self.stepNumberInput
      contents.nodes.append(
        Node(
          kind: .input(name), inputs: [], outputs: [type], name: name,
          source: BuildContext.current.source ?? ""))
      let value = Value(builder: self, id: ValueID(node: contents.nodes.count - 1), type: type)
      contents.stepNumber = OwnValue(value)
      return value
    }
  }

  /// Whether the number of the step has been asked for.
  var numbersSteps: Bool { contents.withLock { $0.stepNumber != nil } }

  /// What random operators of this body take for the step. In a branch, what those around it take, r; in a loop body
  /// r·φ + i, wrapped around, with i the number of the loop's step. φ is 2⁶⁴ over the golden ratio, so that the multiples of small r lie far
  /// apart (Knuth, *The Art of Computer Programming* 3, §6.4): for r and i below 2³¹ all steps differ.
  func randomStep(within enclosing: GraphBuilder) -> Value {
    if let known = contents.withLock({ $0.randomStep }) { return known.value(of: self) }
    // What the builder around this one makes belongs there, not into this body.
    var context = BuildContext.current
    context.body = enclosing
    let around = BuildContext.$current.withValue(context) { enclosing.randomStep }
    guard isLoopBody else { return around }
    let factor = constant(Tensor(Int64(bitPattern: 0x9E37_79B9_7F4A_7C15)), site: .unknown)
    context.body = self
    let step = BuildContext.$current.withValue(context) {
      emit(Binary(.add), [emit(Binary(.mul), [around, factor]), stepNumber])
    }
    if !step.isPoisoned { contents.withLock { $0.randomStep = OwnValue(step) } }
    return step
  }
}
