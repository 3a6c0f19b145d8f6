internal import CKernels

/// Where the values of a fused operator lie: inputs, outputs, then the results that lie in registers.
struct FusedLayout {
  /// The values in the order of their numbers.
  private(set) var values: [ck_fused_value] = []

  /// The two inner loops: rows, and elements of a row.
  let rows: Int
  let n: Int

  /// How often each outer axis repeats them.
  let outerCounts: [Int]

  /// The number of each step's result.
  private var resultNumber: [Int] = []

  init(
    _ fused: Fused, _ signature: Signature, _ types: FusedTypes, _ registers: FusedRegisters, region: Region
  ) {
    let shape = types.shape
    let full = types.region(around: region, of: signature.outputs[0].shape)
    // A column lies as if the last axis had been kept. One more operand keeps rows apart where they are reduced.
    let column = Shape(shape.dropLast() + (shape.rank > 0 ? [1] : []))
    let outputs = fused.outputs.map { types.isColumn($0) ? column : shape }
    let layout = LoopAxes(
      operands: signature.inputs.map(\.shape) + outputs + (types.hasColumns ? [column] : []), output: shape,
      region: full)
    var axes = layout.axes
    let still = LoopAxes.Axis(count: 1, strides: layout.base.map { _ in 0 })
    let inner = axes.popLast() ?? still
    let outer = axes.popLast() ?? still
    (rows, n) = (outer.count, inner.count)
    outerCounts = axes.map(\.count)

    let firstOutput = signature.inputs.count
    for operand in 0..<firstOutput + outputs.count {
      var value = ck_fused_value()
      value.base = layout.base[operand]
      value.row = outer.strides[operand]
      value.unit = Int32(inner.strides[operand])
      value.place = operand
      withUnsafeMutableBytes(of: &value.stride) { bytes in
        for (index, axis) in axes.enumerated() {
          bytes.bindMemory(to: Int.self)[index] = axis.strides[operand]
        }
      }
      values.append(value)
    }
    for step in fused.steps.indices {
      if let output = fused.outputs.firstIndex(of: step) {
        resultNumber.append(firstOutput + output)
        continue
      }
      var value = ck_fused_value()
      value.unit = types.isColumn(step) ? 0 : 1
      value.row = types.isColumn(step) ? 1 : 0
      value.is_register = 1
      value.place = registers.register[step]! * registers.registerBytes
      resultNumber.append(values.count)
      values.append(value)
    }
  }

  /// The number of an operand.
  func number(of source: Fused.Source) -> Int {
    switch source {
    case .input(let input): input
    case .result(let step): resultNumber[step]
    }
  }

  /// Whether the rows of any block of a value lie one behind the other, or are one number.
  func liesInOneRow(_ number: Int) -> Bool {
    let value = values[number]
    if value.is_register != 0 { return value.unit != 0 }
    return value.row == (value.unit != 0 ? n : 0)
  }
}
