internal import TributaryOps

#if canImport(Glibc)
  internal import Glibc
#endif

/// Copies a value of any type. The planner adds it where a value must be in two places: a fetch of a state before it
/// is assigned, an assignment whose new value is still read elsewhere.
struct CopyValue: Operator {
  var name: String { "copy" }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard inputs.count == 1 else {
      throw ShapeError(.arity, "copy takes 1 input and was given \(inputs.count)")
    }
    return inputs
  }

  func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 0) }

  func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].rank > 0 ? [SplitAxis(0)] : []
  }

  func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region { region }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let type = signature.outputs[0]
    // Cut along the first axis only, so that a region is one run of bytes.
    let row = type.rank > 0 ? type.byteCount / max(type.shape[0], 1) : type.byteCount
    let offset = type.rank > 0 ? region[0].lowerBound * row : 0
    let count = type.rank > 0 ? region[0].count * row : row
    return Kernel { arguments in
      memcpy(arguments.pointers[1] + offset, arguments.pointers[0] + offset, count)
      return .success
    }
  }
}
