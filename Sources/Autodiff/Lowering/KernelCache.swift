internal import TributaryOps

/// The kernels of a program while it is made, one for all equal uses of an operator.
///
/// An unrolled loop has thousands of uses and a few dozen kernels: shared, what they are bound to stays in the first
/// cache. Only operators that can be compared share: one that is not `Hashable` may hold a closure. Loops and branches
/// hold bodies and get their own.
struct KernelCache {
  /// What decides a kernel.
  private struct Key: Hashable {
    var applied: AnyHashable
    var signature: Signature
    var region: Region
  }

  private var kernels: [Key: Kernel] = [:]

  /// The kernel of an operator for a region, made at its first use.
  /// - Throws: `ShapeError` when no kernel exists for the types.
  mutating func kernel(
    _ applied: any Operator, _ signature: Signature, region: Region
  ) throws(ShapeError) -> Kernel {
    guard !(applied is any NestingOperator), let comparable = applied as? any Hashable else {
      return try applied.makeKernel(signature, region: region)
    }
    let key = Key(applied: AnyHashable(comparable), signature: signature, region: region)
    if let known = kernels[key] { return known }
    let kernel = try applied.makeKernel(signature, region: region)
    kernels[key] = kernel
    return kernel
  }
}
