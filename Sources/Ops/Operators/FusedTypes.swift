/// The types of a fused operator's results at one use.
struct FusedTypes {
  /// The type of every step's result.
  private(set) var results: [TensorType] = []

  /// The largest shape among the results, that of what is reduced included.
  private(set) var shape = Shape.scalar

  /// Whether a result has one element for each row.
  private(set) var hasColumns = false

  private let fused: Fused
  private let inputs: [TensorType]

  /// The types for inputs of some types.
  /// - Throws: `ShapeError` when a step reads what there is not, cannot be a step, or has a result of another shape.
  init(_ fused: Fused, _ inputs: [TensorType]) throws(ShapeError) {
    self.fused = fused
    self.inputs = inputs
    let steps = fused.steps
    guard !steps.isEmpty, !fused.outputs.isEmpty, inputs.count + steps.count <= Fused.valueLimit else {
      throw ShapeError(
        .arity,
        "fused takes at least one step and output and at most \(Fused.valueLimit) inputs and steps; it was given "
          + "\(steps.count) steps, \(fused.outputs.count) outputs and \(inputs.count) inputs")
    }
    var largest = -1
    for index in steps.indices {
      let operands = try operands(of: index)
      let types = try steps[index].applied.outputTypes(for: operands)
      guard types.count == 1, Fused.takes(steps[index].applied, Signature(inputs: operands, outputs: types))
      else {
        throw ShapeError(
          .arity,
          "step \(index) of fused is \(steps[index].applied.name), which is neither a loop with one output nor a "
            + "reduction of the last axis of 2 to \(Fused.rowLimit) elements; leave it out")
      }
      results.append(types[0])
      let isReduction = steps[index].applied is Reduce
      let candidate = isReduction ? operands[0].shape : types[0].shape
      if candidate.elementCount > largest { (shape, largest) = (candidate, candidate.elementCount) }
    }
    try checkShapes()
  }

  /// Whether a result has one element for each row.
  func isColumn(_ step: Int) -> Bool { results[step].shape != shape }

  /// The types at a step.
  func signature(of step: Int) -> Signature {
    Signature(inputs: fused.steps[step].inputs.map { type(of: $0) }, outputs: [results[step]])
  }

  /// The region of the largest shape that goes with a region of output 0.
  func region(around region: Region, of output: Shape) -> Region {
    guard output != shape else { return region }
    var full = Region(whole: shape)
    for axis in 0..<shape.rank - 1 { full[axis] = region[axis] }
    return full
  }

  private func type(of source: Fused.Source) -> TensorType {
    switch source {
    case .input(let index): inputs[index]
    case .result(let index): results[index]
    }
  }

  private func operands(of step: Int) throws(ShapeError) -> [TensorType] {
    for source in fused.steps[step].inputs {
      let (number, count) =
        switch source {
        case .input(let number): (number, inputs.count)
        case .result(let number): (number, results.count)
        }
      guard number >= 0, number < count else {
        throw ShapeError(.arity, "step \(step) of fused reads \(source), which there is not before it")
      }
    }
    return fused.steps[step].inputs.map { type(of: $0) }
  }

  private mutating func checkShapes() throws(ShapeError) {
    let column = Shape(shape.dropLast() + (shape.rank > 0 ? [1] : []))
    let isBare = fused.steps.map { ($0.applied as? Reduce)?.keepDimensions == false }
    for (index, step) in fused.steps.enumerated() {
      for case .result(let number) in step.inputs where isBare[number] {
        throw ShapeError(
          .dimension, "step \(index) of fused reads a reduction that does not keep its axis; keep it")
      }
      if step.applied is Reduce, type(of: step.inputs[0]).shape != shape {
        throw ShapeError(
          .dimension, "step \(index) of fused reduces \(type(of: step.inputs[0])), and must reduce \(shape)")
      }
      guard results[index].shape != shape else { continue }
      hasColumns = true
      guard results[index].shape == column || isBare[index] else {
        throw ShapeError(
          .dimension,
          "fused takes steps of one shape; it was given \(shape) and, in step \(index), \(results[index])")
      }
    }
    if hasColumns, shape[shape.rank - 1] > Fused.rowLimit {
      throw ShapeError(
        .dimension,
        "fused holds whole rows where it makes columns, of at most \(Fused.rowLimit) elements; \(shape) has longer ones"
      )
    }
    try checkOutputs()
  }

  private func checkOutputs() throws(ShapeError) {
    var isFull = true
    for (place, output) in fused.outputs.enumerated() {
      guard results.indices.contains(output) else {
        throw ShapeError(.arity, "fused hands out step \(output) of \(results.count)")
      }
      guard !fused.outputs[..<place].contains(output) else {
        throw ShapeError(.arity, "fused hands out step \(output) twice; once is enough")
      }
      guard isFull || isColumn(output) else {
        throw ShapeError(
          .dimension, "fused hands out a column before a result of shape \(shape); put it after")
      }
      isFull = !isColumn(output)
    }
  }
}
