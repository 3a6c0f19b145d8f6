internal import CKernels

/// The program of a fused operator, bound to types and a region.
///
/// SAFETY: `@unchecked Sendable` since the buffers are written by the initializer only and freed with the last reference; runs
/// read them.
final class FusedProgram: @unchecked Sendable {
  private let steps: UnsafeMutableBufferPointer<ck_fused_step>
  private let values: UnsafeMutableBufferPointer<ck_fused_value>
  private let program = UnsafeMutablePointer<ck_fused>.allocate(capacity: 1)

  /// The program over a region of output 0.
  /// - Throws: `ShapeError` when a step has no loop for its element type.
  init(_ fused: Fused, _ signature: Signature, region: Region) throws(ShapeError) {
    let types = try FusedTypes(fused, signature.inputs)
    let registers = FusedRegisters(fused, types)
    let layout = FusedLayout(fused, signature, types, registers, region: region)
    var steps: [ck_fused_step] = []
    for index in fused.steps.indices {
      steps.append(try FusedProgram.step(index, fused, types, layout))
    }
    self.steps = .allocate(capacity: steps.count)
    _ = self.steps.initialize(from: steps)
    values = .allocate(capacity: layout.values.count)
    _ = values.initialize(from: layout.values)
    var program = ck_fused(
      steps: self.steps.baseAddress!, values: values.baseAddress!, step_count: Int32(steps.count),
      value_count: Int32(layout.values.count), rows: layout.rows, n: layout.n,
      block_rows: max(1, registers.blockElements / layout.n),
      block_columns: min(layout.n, registers.blockElements), depth: Int32(layout.outerCounts.count),
      count: (0, 0, 0, 0, 0, 0, 0))
    withUnsafeMutableBytes(of: &program.count) { bytes in
      for (axis, count) in layout.outerCounts.enumerated() { bytes.bindMemory(to: Int.self)[axis] = count }
    }
    self.program.initialize(to: program)
  }

  deinit {
    steps.deallocate()
    values.deallocate()
    program.deallocate()
  }

  /// Runs it.
  func run(_ arguments: KernelArguments) -> KernelStatus {
    ck_run_fused(program, arguments.pointers, arguments.scratch)
    return .success
  }

  private static func step(
    _ index: Int, _ fused: Fused, _ types: FusedTypes, _ layout: FusedLayout
  ) throws(ShapeError) -> ck_fused_step {
    let applied = fused.steps[index].applied
    let signature = types.signature(of: index)
    let level = VectorLevel.current.level
    var step = ck_fused_step()
    if let reduce = applied as? Reduce {
      step.reducer = ck_find_reducer(reduce.function.rawValue, signature.inputs[0].dtype.code, level)
      step.divisor = reduce.function == .mean ? Double(types.shape[types.shape.rank - 1]) : 1
    } else if let elementwise = applied as? any ElementwiseOperator {
      let loop = elementwise.loop(signature)
      step.loop = ck_find_loop(loop.name, loop.dtype.code, level)
      step.constant = (loop.constants[0], loop.constants[1], loop.constants[2], loop.constants[3])
    }
    guard step.loop != nil || step.reducer != nil else {
      throw ShapeError(
        .dtype, "\(applied.name) does not take \(signature.inputs[0].dtype) elements; cast the inputs first")
    }
    let operands =
      fused.steps[index].inputs.map { layout.number(of: $0) } + [layout.number(of: .result(index))]
    precondition(operands.count <= Int(CK_OPERANDS), "more operands than a span holds")
    step.operands = Int32(operands.count)
    withUnsafeMutableBytes(of: &step.value) { bytes in
      for (operand, number) in operands.enumerated() {
        bytes.bindMemory(to: Int32.self)[operand] = Int32(number)
      }
    }
    step.is_flat = operands.allSatisfy(layout.liesInOneRow) ? 1 : 0
    step.is_column = types.isColumn(index) && step.reducer == nil ? 1 : 0
    return step
  }
}
