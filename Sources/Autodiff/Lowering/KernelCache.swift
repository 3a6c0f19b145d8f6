internal import TributaryOps

/// The kernels of a program while it is made, one for all equal uses of an operator.
///
/// An unrolled loop has thousands of uses and a few dozen kernels: shared, what they are bound to stays in the first
/// cache. Loops and branches get their own, since their names do not tell their bodies apart.
struct KernelCache {
  /// What decides a kernel.
  private struct Key: Hashable {
    /// The Swift type of the operator: operators of different makers may share a name.
    var kind: ObjectIdentifier
    var name: String
    var attributes: [Attribute]
    var signature: Signature
    var region: Region
  }

  private var kernels: [Key: Kernel] = [:]

  /// The kernel of an operator for a region, made at its first use.
  /// - Throws: `ShapeError` when no kernel exists for the types.
  mutating func kernel(
    _ applied: any Operator, _ signature: Signature, region: Region
  ) throws(ShapeError) -> Kernel {
    guard !(applied is any NestingOperator) else {
      return try applied.makeKernel(signature, region: region)
    }
    let key = Key(
      kind: ObjectIdentifier(type(of: applied)), name: applied.name, attributes: applied.attributes,
      signature: signature, region: region)
    if let known = kernels[key] { return known }
    let kernel = try applied.makeKernel(signature, region: region)
    kernels[key] = kernel
    return kernel
  }
}
