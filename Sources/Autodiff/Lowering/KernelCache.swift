internal import TributaryOps

/// The kernels of a program while it is made, one for all uses of an operator of one identity.
///
/// An unrolled loop has thousands of uses and a few dozen kernels: shared, what they are bound to stays in the first
/// cache. Loops and branches hold bodies and get their own.
struct KernelCache {
  /// What decides a kernel.
  private struct Key: Hashable {
    var applied: OperatorIdentity
    var signature: Signature
    var region: Region
  }

  private var kernels: [Key: Kernel] = [:]
  private var isNesting = OperatorTypeMemo { $0 is any NestingOperator }

  /// The number of kernels made.
  private(set) var madeCount = 0

  /// The kernel of an operator for a region, made at its first use.
  /// - Throws: `ShapeError` when no kernel exists for the types.
  mutating func kernel(
    _ applied: any Operator, _ signature: Signature, region: Region
  ) throws(ShapeError) -> Kernel {
    if isNesting.holds(for: applied) {
      madeCount += 1
      return try applied.makeKernel(signature, region: region)
    }
    let key = Key(applied: OperatorIdentity(applied), signature: signature, region: region)
    if let known = kernels[key] { return known }
    let kernel = try applied.makeKernel(signature, region: region)
    kernels[key] = kernel
    madeCount += 1
    return kernel
  }
}
