internal import TributaryOps

/// An operator that waits for values without reading them: its last operands order it after what makes them.
///
/// The plan takes the operator out of the wrapping and keeps the order as edges alone, so that costs, cuts, kernels and
/// bits are the operator's own, and awaited values need not stay in memory.
struct Awaiting<Base: Operator>: AwaitingOperator {
  /// The operator.
  let base: Base

  /// The number of awaited operands, after those of the operator.
  let awaitedCount: Int

  /// The operator's name after `awaiting_`.
  var name: String { "awaiting_" + base.name }

  /// The operator's.
  var attributes: [Attribute] { base.attributes }

  /// Any operator.
  var wrapped: any Operator { base }

  /// The operator's, of the operands that it reads.
  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try base.outputTypes(for: inputs.dropLast(awaitedCount))
  }

  /// The operator's.
  func cost(_ signature: Signature) -> Cost { base.cost(read(signature)) }

  /// The operator's.
  var canFault: Bool { base.canFault }

  /// The operator's; all of an awaited operand.
  func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let read = read(signature)
    return index < read.inputs.count
      ? base.inputRegion(index, for: region, read) : Region(whole: signature.inputs[index].shape)
  }

  /// The operator's.
  func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    base.outputRegion(index, for: region, read(signature))
  }

  /// The operator's.
  func scratchBytes(_ signature: Signature, region: Region) -> Int {
    base.scratchBytes(read(signature), region: region)
  }

  /// The operator's kernel, called without the awaited operands.
  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let read = read(signature)
    let kernel = try base.makeKernel(read, region: region)
    let inputCount = read.inputs.count
    let count = inputCount + read.outputs.count
    let skipped = awaitedCount
    return Kernel(implementation: kernel.implementation) { arguments in
      withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: Swift.max(count, 1)) {
        pointers in
        for index in 0..<count {
          pointers.initializeElement(
            at: index, to: arguments.pointers[index < inputCount ? index : index + skipped])
        }
        guard let base = pointers.baseAddress else { return .success }
        return kernel.body(KernelArguments(pointers: UnsafePointer(base), scratch: arguments.scratch))
      }
    }
  }

  private func read(_ signature: Signature) -> Signature {
    Signature(inputs: signature.inputs.dropLast(awaitedCount), outputs: signature.outputs)
  }
}

extension Operator {
  /// The operator, waiting for `count` operands more than it has.
  func awaiting(_ count: Int) -> any Operator {
    guard let awaiting = self as? any AwaitingOperator else {
      return Awaiting(base: self, awaitedCount: count)
    }
    return awaiting.wrapped.awaiting(awaiting.awaitedCount + count)
  }
}

/// What the walks and the plan must know of an ``Awaiting``.
protocol AwaitingOperator: Operator {
  /// The operator that waits.
  var wrapped: any Operator { get }

  /// The number of awaited operands, after those of the operator.
  var awaitedCount: Int { get }
}

extension OperatorTypeMemo {
  /// Remembers which types are ``AwaitingOperator``s.
  static var awaiting: OperatorTypeMemo { OperatorTypeMemo { $0 is any AwaitingOperator } }
}

extension Node {
  /// The operator and the values that it reads; nil for inputs, states and constants.
  var application: (applied: any Operator, inputs: [ValueID])? {
    guard case .apply(let applied) = kind else { return nil }
    guard let awaiting = applied as? any AwaitingOperator else { return (applied, inputs) }
    return (awaiting.wrapped, inputs.dropLast(awaiting.awaitedCount))
  }

  /// The same with what is known of the operators' types: a memo of being an ``AwaitingOperator``.
  func application(_ isAwaiting: inout OperatorTypeMemo) -> (applied: any Operator, inputs: [ValueID])? {
    guard case .apply(let applied) = kind else { return nil }
    return isAwaiting.holds(for: applied) ? application : (applied, inputs)
  }

  /// The values that the operator waits for and does not read.
  var awaited: ArraySlice<ValueID> {
    guard case .apply(let applied) = kind, let awaiting = applied as? any AwaitingOperator else { return [] }
    return inputs.suffix(awaiting.awaitedCount)
  }
}
