/// Several operators in one pass over memory: block by block, each in turn, so that what one hands to the next stays in
/// the first cache. Only the outputs are written to memory.
///
/// A step is an elementwise operator with one output, or a reduction of the last axis. With `S` the largest shape among the
/// results, each result has the shape `S`, inputs and earlier results being broadcast to it, or is a column: `S` with 1 in
/// place of the last length. A reduction that does not keep its axis may only be an output. Every element is computed as by
/// the operators one by one, so no bit changes. A pass over the graph makes it, after differentiation, so it has no
/// derivative rule. The work of the steps; inputs are read and outputs written once.
///
/// Tiling a chain of vector operations by cache-sized blocks: Kersten et al., *Everything you always wanted to know
/// about compiled and vectorized queries but were afraid to ask* (2018).
public struct Fused: Operator {
  /// Where an operand comes from.
  public enum Source: Hashable, Sendable {
    /// An input of the fused operator.
    case input(Int)
    /// The result of an earlier step.
    case result(Int)
  }

  /// One of the operators.
  public struct Step: Sendable {
    /// The operator.
    public let applied: any Operator

    /// Its inputs.
    public let inputs: [Source]

    /// A step from its parts.
    public init(_ applied: any Operator, _ inputs: [Source]) {
      self.applied = applied
      self.inputs = inputs
    }
  }

  /// The most inputs and steps together.
  public static let valueLimit = 64

  /// The longest row that is reduced.
  public static let rowLimit = 4096

  /// The operators in order.
  public let steps: [Step]

  /// The steps whose results are the outputs.
  public let outputs: [Int]

  /// The steps as printed.
  private let text: String

  /// Whether a step reduces rows; if none does, output 0 has the largest shape.
  private let reducesRows: Bool

  /// The operators in order, and the steps whose results are the outputs, those of the largest shape first.
  public init(_ steps: [Step], outputs: [Int]) {
    self.steps = steps
    self.outputs = outputs
    text = Fused.text(of: steps)
    reducesRows = steps.contains { $0.applied is Reduce }
  }

  /// Whether an operator on operands of some types may be a step: its vector loop or reduction is all that its kernel does.
  public static func takes(_ applied: any Operator, _ signature: Signature) -> Bool {
    let kind = type(of: applied)
    if kind == Reduce.self, let reduce = applied as? Reduce {
      let shape = signature.inputs[0].shape
      return reduce.axes == [shape.rank - 1] && (2...rowLimit).contains(shape[shape.rank - 1])
    }
    return kind == Unary.self || kind == Binary.self || kind == Compare.self || kind == Logical.self
      || kind == Where.self || kind == Cast.self || kind == BroadcastTo.self || kind == Parametric.self
      || kind == ParametricGradient.self
  }

  /// `fused`.
  public var name: String { "fused" }

  /// The steps, `mul(x0, x1) → tanh(s0)`, x being inputs and s results, and which steps are outputs.
  public var attributes: [Attribute] { [Attribute("steps", text), Attribute("outputs", outputs)] }

  private static func text(of steps: [Step]) -> String {
    let lines = steps.map { step in
      let inputs = step.inputs.map { source in
        switch source {
        case .input(let index): "x\(index)"
        case .result(let index): "s\(index)"
        }
      }
      let details = step.applied.attributes.map { "\($0.name): \($0.value)" }
      return step.applied.name + "(" + (inputs + details).joined(separator: ", ") + ")"
    }
    return lines.joined(separator: " → ")
  }

  /// The results of the output steps.
  /// - Throws: `ShapeError` when a step reads what there is not, cannot be a step, or has a result of another shape.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let results = try FusedTypes(self, inputs).results
    return outputs.map { results[$0] }
  }

  /// The work of all steps; inputs read once, outputs written once.
  public func cost(_ signature: Signature) -> Cost {
    var cost = Cost.streaming(signature, flopsPerElement: 0)
    guard let types = try? FusedTypes(self, signature.inputs) else { return cost }
    for index in steps.indices {
      cost.flops += steps[index].applied.cost(types.signature(of: index)).flops
    }
    return cost
  }

  /// Every axis longer than 1, but for the last one where rows are reduced.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    guard let types = try? FusedTypes(self, signature.inputs) else { return [] }
    let shape = signature.outputs[0].shape
    return shape.splits(except: types.hasColumns ? types.shape.rank - 1 : nil, minimum: 64)
  }

  /// The same region, axes along which the input is broadcast being read whole.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let shape = signature.inputs[index].shape
    guard reducesRows, let types = try? FusedTypes(self, signature.inputs) else {
      return region.beforeBroadcast(from: shape)
    }
    return types.region(around: region, of: signature.outputs[0].shape).beforeBroadcast(from: shape)
  }

  /// The same region, of a column without the last axis.
  public func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let shape = signature.outputs[index].shape
    guard shape != signature.outputs[0].shape, let types = try? FusedTypes(self, signature.inputs) else {
      return region
    }
    let full = types.region(around: region, of: signature.outputs[0].shape)
    var result = Region(whole: shape)
    for axis in 0..<types.shape.rank - 1 { result[axis] = full[axis] }
    return result
  }

  /// Where the types are equal and no step reads the input after the output was written; an output of another type than
  /// the first takes no input's place.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool {
    guard signature.inputs[input] == signature.outputs[output],
      signature.outputs[output] == signature.outputs[0]
    else { return false }
    return steps.indices.allSatisfy { $0 <= outputs[output] || !steps[$0].inputs.contains(.input(input)) }
  }

  /// One block for each result that is no output and alive at the same time as others.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int {
    guard let types = try? FusedTypes(self, signature.inputs) else { return 0 }
    return FusedRegisters(self, types).byteCount
  }

  /// A program of vector loops and reductions over blocks of the region.
  /// - Throws: `ShapeError` when a step has no loop for its element type.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let program = try FusedProgram(self, signature, region: region)
    return Kernel { program.run($0) }
  }
}

/// Two are equal when their steps are, by name and attributes.
extension Fused: Hashable {
  /// Whether steps and outputs are the same.
  public static func == (a: Fused, b: Fused) -> Bool { a.outputs == b.outputs && a.text == b.text }

  /// Hashes what is compared.
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
