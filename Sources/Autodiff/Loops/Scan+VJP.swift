internal import Synchronization
internal import TributaryOps

extension Scan: DifferentiableOperator {
  /// A scan in the other direction over the kept carried values: each step builds its values again and pulls the cotangents of
  /// what it carried on and gave out back to what it was given. It carries the cotangents of the carried values, and the sums of
  /// those of captured values.
  func vjp(_ context: VJPContext) -> [Value?] {
    guard keepsCarried else {
      context.builder.fail(.notDifferentiable, name, "the carried values before each step were not kept")
      return context.inputs.map { _ in nil }
    }
    var loop = ReverseLoop(self, context)
    return loop.cotangents()
  }
}

/// The derivative of a scan.
private struct ReverseLoop {
  private let scan: Scan
  private let context: VJPContext
  private var loop: LoopBuilder

  // What the reverse scan is given, in the builder around it.
  private var initial: [Value] = []
  private var sliced: [Value] = []

  init(_ scan: Scan, _ context: VJPContext) {
    self.scan = scan
    self.context = context
    loop = LoopBuilder(inside: context.builder)
  }

  private var carriedCount: Int { scan.carriedCount }
  private var capturedBegin: Int { scan.carriedCount + scan.slicedCount }

  /// Where the cotangent of an input is found.
  private enum Place {
    /// Among the values carried after the last step.
    case carried(Int)
    /// Among the stacked outputs.
    case output(Int)
    /// The product of two stacked outputs, each flattened to a matrix.
    case product(Int, Int)
  }

  mutating func cotangents() -> [Value?] {
    let floating = (0..<carriedCount).filter { scan.body.inputTypes[$0].dtype.isFloatingPoint }
    let arriving = floating.map { carry(startingFrom: context.cotangent($0)) }
    let keptBegin = carriedCount + scan.stackedCount
    let before = (0..<carriedCount).map { slice(of: context.outputs[keptBegin + $0]) }
    let slices = (0..<scan.slicedCount).map { slice(of: context.inputs[carriedCount + $0]) }
    var seeds: [(output: Int, cotangent: Value)] = zip(floating, arriving).map { ($0, $1) }
    for output in 0..<scan.stackedCount {
      guard let cotangent = context.cotangents[carriedCount + output] else { continue }
      seeds.append((carriedCount + output, slice(of: cotangent)))
    }
    // Where the kept values themselves have been differentiated.
    var direct: [Int: Value] = [:]
    for index in floating {
      if let cotangent = context.cotangents[keptBegin + index] { direct[index] = slice(of: cotangent) }
    }

    var places: [Int: Place] = [:]
    var carriedOn: [Value] = []
    var outputs: [Value] = []
    let body = loop.body
    let captured = (capturedBegin..<context.inputs.count).map { body.adopted(context.inputs[$0]) }
    let replayed = loop.building { scan.body.replay(in: body, before + slices + captured) }
    let inputs = before + slices + captured
    let wanted = floating + (carriedCount..<inputs.count).filter { context.needs($0) }
    let gradients = loop.building {
      body.gradients(
        of: seeds.map { replayed[$0.output] }, cotangents: seeds.map(\.cotangent),
        withRespectTo: wanted.map { inputs[$0] })
    }
    for (input, gradient) in zip(wanted, gradients.all) {
      if input < carriedCount {
        places[input] = .carried(carriedOn.count)
        carriedOn.append(
          loop.building { direct[input].map { body.emit(Accumulate(), [gradient, $0]) } ?? gradient })
      }
    }
    for (input, gradient) in zip(wanted, gradients.all) where input >= carriedCount {
      if input < capturedBegin {
        places[input] = .output(outputs.count)
        outputs.append(gradient)
      } else if let factors = body.factors(of: gradient) {
        places[input] = .product(outputs.count, outputs.count + 1)
        outputs += [factors.left, factors.right]
      } else {
        places[input] = .carried(carriedOn.count)
        let sum = carry(startingFrom: context.builder.zeros(gradient.type))
        carriedOn.append(loop.building { body.emit(Accumulate(), [sum, gradient]) })
      }
    }
    guard
      let results = loop.finish(
        initial: initial, sliced: sliced, carried: carriedOn, outputs: outputs, length: scan.length,
        isReversed: !scan.isReversed, .unknown)
    else { return context.inputs.map { _ in context.builder.poisoned() } }
    return context.inputs.indices.map { input in
      switch places[input] {
      case .carried(let index): results.carried[index]
      case .output(let index): results.outputs[index]
      case .product(let left, let right):
        context.productOfStacks(results.outputs[left], results.outputs[right])
      case nil: nil
      }
    }
  }

  private mutating func carry(startingFrom value: Value) -> Value {
    initial.append(value)
    return loop.carry(value.type)
  }

  private mutating func slice(of value: Value) -> Value {
    sliced.append(value)
    return loop.slice(of: value)
  }
}

extension VJPContext {
  /// Σ leftᵀ · right over the steps of a loop, of matrices stacked along a leading axis.
  func productOfStacks(_ left: Value, _ right: Value) -> Value {
    func rows(_ stack: Value) -> Value { reshaped(stack, [stack.shape[0] * stack.shape[1], stack.shape[2]]) }
    return apply(MatMul(transposeA: true, transposeB: false), rows(left), rows(right))
  }
}

extension GraphBuilder {
  /// The factors of a value that is a product leftᵀ · right of two matrices: a sum of such products over steps is one product of
  /// their factors stacked.
  func factors(of value: Value) -> (left: Value, right: Value)? {
    guard !value.isPoisoned else { return nil }
    return contents.withLock { contents in
      let node = contents.nodes[value.id.node]
      guard let product = node.appliedOperator as? MatMul, product.transposeA, !product.transposeB else {
        return nil
      }
      let types = node.inputs.map { contents.nodes[$0.node].outputs[$0.output] }
      guard types.allSatisfy({ $0.rank == 2 }) else { return nil }
      return (
        Value(builder: self, id: node.inputs[0], type: types[0]),
        Value(builder: self, id: node.inputs[1], type: types[1])
      )
    }
  }
}
