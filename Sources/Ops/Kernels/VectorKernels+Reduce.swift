internal import CKernels

extension VectorKernels {
  /// The kernel that reduces a tensor to a region of the output.
  ///
  /// The order in which elements meet depends on the input's shape and the axes alone.
  /// - Throws: `ShapeError` when the reduction does not exist for the element type.
  static func reduction(
    _ function: String, operator name: String, axes: [Int], keepDimensions: Bool, divisor: Double,
    _ signature: Signature, region: Region
  ) throws(ShapeError) -> Kernel {
    let input = signature.inputs[0]
    guard let reducer = ck_find_reducer(function, input.dtype.code, VectorLevel.current.level) else {
      throw ShapeError(.dtype, "\(name) does not take \(input.dtype) elements; cast the input first")
    }
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    var reduction = makeReduction(
      of: input.shape, axes: axes, keepDimensions: keepDimensions, output: signature.outputs[0].shape,
      region: region)
    reduction.divisor = divisor
    reduction.count = Double(axes.reduce(1) { $0 * input.shape[$1] })
    let bound = Bound(reduction)
    return Kernel { arguments in
      reducer(bound.pointer, arguments.pointers[0], arguments.pointers[1])
      return .success
    }
  }

  private struct ReductionAxis {
    var isReduced: Bool
    var count: Int
    var inputStride: Int
    var outputStride: Int
  }

  private static func makeReduction(
    of input: Shape, axes: [Int], keepDimensions: Bool, output: Shape, region: Region
  ) -> ck_reduction {
    var reduction = ck_reduction()
    let inputStrides = input.strides
    let outputStrides = output.strides
    var merged: [ReductionAxis] = []
    var outputAxis = 0
    for axis in 0..<input.rank {
      let isReduced = axes.contains(axis)
      var next = ReductionAxis(
        isReduced: isReduced, count: input[axis], inputStride: inputStrides[axis], outputStride: 0)
      if !isReduced {
        next.count = region[outputAxis].count
        next.outputStride = outputStrides[outputAxis]
        reduction.input_base += region[outputAxis].lowerBound * next.inputStride
        reduction.output_base += region[outputAxis].lowerBound * next.outputStride
      }
      if !isReduced || keepDimensions { outputAxis += 1 }
      guard input[axis] != 1 else { continue }
      if let last = merged.last, last.isReduced == isReduced,
        last.inputStride == next.count * next.inputStride, last.outputStride == next.count * next.outputStride
      {
        next.count *= last.count
        merged[merged.count - 1] = next
      } else {
        merged.append(next)
      }
    }
    reduction.inner = 1
    if let inner = merged.popLast() {
      reduction.inner = inner.count
      reduction.inner_reduced = inner.isReduced ? 1 : 0
    }
    for axis in merged {
      if axis.isReduced {
        ck_reduction_reduce(&reduction, axis.count, axis.inputStride)
      } else {
        ck_reduction_keep(&reduction, axis.count, axis.inputStride, axis.outputStride)
      }
    }
    return reduction
  }
}
