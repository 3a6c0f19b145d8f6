/// A matrix product or a convolution followed by elementwise operators on its result: bias, activation, residual, scaling,
/// mask, or the derivative of the activation before it.
///
/// Inputs: those of the root, then those of the ``Fused`` operator after its input 0, which is the root's result. Each
/// region of the root is finished at once, while it lies in a cache near by. All results have the root's shape, and one
/// output its type: there the root's result lies until it is overwritten. The bits are those of the two operators one after the
/// other, cut like the root. A pass over the graph makes it, after differentiation, so it has no derivative rule. The
/// work of both; the result between them is neither read nor written.
public struct Epilogue: Operator {
  /// The product or convolution.
  public let root: any Operator

  /// How many inputs the root has.
  public let rootInputs: Int

  /// What follows.
  public let fused: Fused

  /// The root as printed.
  private let text: String

  /// A root with so many inputs, and what follows.
  public init(_ root: any Operator, inputs: Int, _ fused: Fused) {
    self.root = root
    rootInputs = inputs
    self.fused = fused
    let details = root.attributes.map { "\($0.name): \($0.value)" }
    text = root.name + "(" + ((0..<inputs).map { "r\($0)" } + details).joined(separator: ", ") + ")"
  }

  /// Whether an operator may be a root: what it makes of a region needs nothing of other regions.
  public static func takes(_ applied: any Operator) -> Bool {
    let kind = type(of: applied)
    return kind == MatMul.self || kind == Convolution.self || kind == ConvolutionInputGradient.self
  }

  /// `epilogue`.
  public var name: String { "epilogue" }

  /// The root, `matmul(r0, r1)`, and what follows, where x0 is the root's result.
  public var attributes: [Attribute] { [Attribute("root", text)] + fused.attributes }

  /// The results of the steps that are outputs.
  /// - Throws: `ShapeError` when the root or a step does not take its inputs, or no output can hold the root's result.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard Epilogue.takes(root), rootInputs >= 0, inputs.count >= rootInputs else {
      throw ShapeError(
        .arity,
        "epilogue takes a matrix product or a convolution with its inputs; it was given \(root.name) and \(inputs.count) "
          + "of \(rootInputs) inputs")
    }
    let result = try root.outputTypes(for: Array(inputs[..<rootInputs]))[0]
    let operands = [result] + inputs[rootInputs...]
    let types = try FusedTypes(fused, operands)
    let outputs = fused.outputs.map { types.results[$0] }
    guard types.shape == result.shape, !types.hasColumns else {
      throw ShapeError(
        .dimension,
        "epilogue takes steps of the root's shape, \(result.shape), which reduce no rows, since the root may be cut along "
          + "them; leave out the others")
    }
    guard Epilogue.place(fused, Signature(inputs: operands, outputs: outputs)) != nil else {
      throw ShapeError(
        .dtype,
        "epilogue makes no output of the root's type, \(result), after which the root's result is not needed")
    }
    return outputs
  }

  /// The output in whose place the root's result lies at first.
  private static func place(_ fused: Fused, _ signature: Signature) -> Int? {
    signature.outputs.indices.first { output in
      guard signature.outputs[output] == signature.inputs[0] else { return false }
      return fused.steps.indices.allSatisfy {
        $0 <= fused.outputs[output] || !fused.steps[$0].inputs.contains(.input(0))
      }
    }
  }

  /// The types at the root and at what follows: the root's result has the element type of its inputs.
  private func parts(_ signature: Signature) -> (root: Signature, fused: Signature) {
    let result = TensorType(signature.inputs[0].dtype, signature.outputs[0].shape)
    return (
      Signature(inputs: Array(signature.inputs[..<rootInputs]), outputs: [result]),
      Signature(inputs: [result] + signature.inputs[rootInputs...], outputs: signature.outputs)
    )
  }

  /// The types at the root.
  public func rootSignature(_ signature: Signature) -> Signature { parts(signature).root }

  /// The operations of both; inputs read once, outputs written once.
  public func cost(_ signature: Signature) -> Cost {
    let parts = parts(signature)
    let flops = root.cost(parts.root).flops + fused.cost(parts.fused).flops
    var cost = Cost.streaming(signature, flopsPerElement: 0)
    cost.flops = flops
    return cost
  }

  /// Those of the root.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] { root.splitAxes(rootSignature(signature)) }

  /// What the root, or what follows, reads.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    index < rootInputs
      ? root.inputRegion(index, for: region, parts(signature).root)
      : region.beforeBroadcast(from: signature.inputs[index].shape)
  }

  /// The root's input where the root's result lies, if the root allows it; elsewhere what the steps allow.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool {
    guard signature.inputs[input] == signature.outputs[output],
      signature.outputs[output] == signature.outputs[0]
    else { return false }
    let parts = parts(signature)
    let place = Epilogue.place(fused, parts.fused)
    if input < rootInputs {
      return output == place && root.mayOverwrite(input: input, withOutput: 0, parts.root)
    }
    return output != place
      && fused.mayOverwrite(input: input - rootInputs + 1, withOutput: output, parts.fused)
  }

  /// The larger of the two: they run one after the other.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int {
    let parts = parts(signature)
    return max(
      root.scratchBytes(parts.root, region: region), fused.scratchBytes(parts.fused, region: region))
  }

  /// The root's kernel and the program of what follows; the implementation is the root's.
  /// - Throws: `ShapeError` when no kernel exists for the types.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let parts = parts(signature)
    let kernel = try root.makeKernel(parts.root, region: region)
    let call = EpilogueCall(
      root: kernel, after: try FusedProgram(fused, parts.fused, region: region), rootInputs: rootInputs,
      inputs: signature.inputs.count, outputs: signature.outputs.count,
      place: Epilogue.place(fused, parts.fused) ?? 0)
    return Kernel(implementation: kernel.implementation) { call.run($0) }
  }
}

/// Two are equal when root and steps are, by name and attributes.
extension Epilogue: Hashable {
  /// Whether roots and what follows are the same.
  public static func == (a: Epilogue, b: Epilogue) -> Bool { a.text == b.text && a.fused == b.fused }

  /// Hashes what is compared.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(text)
    hasher.combine(fused)
  }
}

/// The two calls of an epilogue's kernel.
private final class EpilogueCall: Sendable {
  private let root: Kernel
  private let after: FusedProgram
  private let rootInputs: Int
  private let inputs: Int
  private let outputs: Int
  private let place: Int

  init(root: Kernel, after: FusedProgram, rootInputs: Int, inputs: Int, outputs: Int, place: Int) {
    self.root = root
    self.after = after
    self.rootInputs = rootInputs
    self.inputs = inputs
    self.outputs = outputs
    self.place = place
  }

  func run(_ arguments: KernelArguments) -> KernelStatus {
    // The root's operands, then those of what follows, which begin with the root's result.
    let extra = inputs - rootInputs
    let count = rootInputs + 1 + 1 + extra + outputs
    return withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: count) { table in
      let pointers = table.baseAddress!
      let result = arguments.pointers[inputs + place]
      pointers.initialize(from: arguments.pointers, count: rootInputs)
      (pointers + rootInputs).initialize(to: result)
      let status = root.body(KernelArguments(pointers: UnsafePointer(pointers), scratch: arguments.scratch))
      guard status.code == .success else { return status }
      let second = pointers + rootInputs + 1
      second.initialize(to: result)
      (second + 1).initialize(from: arguments.pointers + rootInputs, count: extra + outputs)
      return after.run(KernelArguments(pointers: UnsafePointer(second), scratch: arguments.scratch))
    }
  }
}
