internal import CKernels

/// The vector kernels written in C, found by name at the level in use and bound to a region.
enum VectorKernels {
  /// The kernel that applies an elementwise loop to a region of the outputs, all of one shape.
  ///
  /// Inputs broadcast to the outputs' shape. Axes are merged where every operand allows it, so that nearly every call
  /// is two nested loops; their places are computed here, once. Over short rows it needs the scratch memory that
  /// ``FlatLoops`` states, unless the loop looks at places and must not.
  /// - Throws: `ShapeError` when the loop does not exist for the element type.
  static func elementwise(
    _ loop: ElementwiseLoop, operator name: String, _ signature: Signature, region: Region,
    spreadsShortRows: Bool = true
  ) throws(ShapeError) -> Kernel {
    guard let function = ck_find_loop(loop.name, loop.dtype.code, VectorLevel.current.level) else {
      throw ShapeError(.dtype, "\(name) does not take \(loop.dtype) elements; cast the inputs first")
    }
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let operands = signature.inputs.map(\.shape) + signature.outputs.map(\.shape)
    precondition(operands.count <= Int(CK_OPERANDS), "more operands than a span holds")
    if spreadsShortRows, let loops = FlatLoops(signature, region: region, constants: loop.constants) {
      let flat = Bound(loops.flat)
      let run = ck_find_flat_runner(VectorLevel.current.level)
      return Kernel { arguments in
        run(flat.pointer, function, arguments.pointers, arguments.scratch)
        return .success
      }
    }
    let nest = makeNest(
      operands, output: signature.outputs[0].shape, region: region, constants: loop.constants)
    if nest.outer.depth == 0 {
      let span = Bound(nest.span)
      return Kernel { arguments in
        function(span.pointer, arguments.pointers)
        return .success
      }
    }
    let bound = Bound(nest)
    return Kernel { arguments in
      ck_run_nest(bound.pointer, function, arguments.pointers)
      return .success
    }
  }

  /// The nested loops over a region for operands that broadcast to the output's shape.
  static func makeNest(
    _ operands: [Shape], output: Shape, region: Region, constants: SIMD4<Double>
  ) -> ck_nest {
    let layout = LoopAxes(operands: operands, output: output, region: region)
    var axes = layout.axes
    var nest = ck_nest()
    let inner = axes.popLast() ?? LoopAxes.Axis(count: 1, strides: operands.map { _ in 0 })
    let rows = axes.popLast() ?? LoopAxes.Axis(count: 1, strides: operands.map { _ in 0 })
    nest.span.n = inner.count
    nest.span.rows = rows.count
    nest.span.constant = (constants[0], constants[1], constants[2], constants[3])
    for operand in operands.indices {
      ck_span_set(
        &nest.span, Int32(operand), layout.base[operand], rows.strides[operand], Int32(inner.strides[operand])
      )
    }
    nest.outer.operands = Int32(operands.count)
    for axis in axes { ck_outer_add(&nest.outer, axis.count, axis.strides) }
    return nest
  }
}

/// The axes of a region as nested loops over operands that broadcast to it, neighbours merged where possible.
struct LoopAxes {
  /// One loop: how often, and how far each operand moves.
  struct Axis {
    var count: Int
    var strides: [Int]
  }

  /// The loops, the outermost first. In the last one every operand has stride 0 or 1.
  private(set) var axes: [Axis] = []

  /// Where each operand's first element lies.
  private(set) var base: [Int]

  init(operands: [Shape], output: Shape, region: Region) {
    base = [Int](repeating: 0, count: operands.count)
    if operands.allSatisfy({ $0 == output }), region == Region(whole: output), region.elementCount > 1 {
      // All axes merge into one.
      axes = [Axis(count: region.elementCount, strides: [Int](repeating: 1, count: operands.count))]
      return
    }
    let strides = operands.map { LoopAxes.strides(of: $0, broadcastTo: output) }
    // Only axes of length 1 in the output itself are left out: leaving out the last axis because the region is one
    // column wide would give the inner loop a long stride.
    for axis in 0..<output.rank where output[axis] != 1 {
      for operand in operands.indices { base[operand] += region[axis].lowerBound * strides[operand][axis] }
      let next = Axis(count: region[axis].count, strides: strides.map { $0[axis] })
      if let last = axes.last, zip(last.strides, next.strides).allSatisfy({ $0 == next.count * $1 }) {
        axes[axes.count - 1] = Axis(count: last.count * next.count, strides: next.strides)
      } else {
        axes.append(next)
      }
    }
  }

  private static func strides(of shape: Shape, broadcastTo output: Shape) -> [Int] {
    let own = shape.strides
    let missing = output.rank - shape.rank
    return (0..<output.rank).map { axis in
      axis < missing || shape[axis - missing] == 1 ? 0 : own[axis - missing]
    }
  }
}
