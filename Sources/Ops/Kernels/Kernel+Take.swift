internal import CKernels

extension Kernel {
  /// Copies slices that the index tensor, input 1, names from input 0 to the output, after checking a range of the
  /// indices.
  static func taking(_ take: ck_take, _ type: TensorType, limit: Int, indices: Range<Int>) -> Kernel {
    let first = indices.lowerBound * type.dtype.byteCount
    let (count, bound) = (indices.count, Int64(limit))
    return Kernel { arguments in
      var bad: Int64 = 0
      guard ck_indices_valid(arguments.pointers[1] + first, take.wide, count, bound, &bad) != 0 else {
        return KernelStatus(.indexOutOfRange, detail: Int(bad))
      }
      withUnsafePointer(to: take) {
        ck_take_run($0, arguments.pointers[0], arguments.pointers[1], arguments.pointers[2])
      }
      return .success
    }
  }
}
