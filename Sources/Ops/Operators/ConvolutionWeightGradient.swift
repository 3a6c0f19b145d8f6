internal import CKernels

/// The gradient of ``Convolution`` for its weights: w[i, j, c, o] = Σ x[n, h·stride − padding + i·dilation, …, c] ·
/// y[n, h, …, o] over all n, h, w, for c and o of one group.
///
/// Inputs: x [N, H, W, C] and y [N, h, w, O] of one type. Output: [kh, kw, C / groups, O], of the kernel's size that it
/// is made with; zeros when there are no images. Costs as much as the convolution. Products are summed in runs of a few
/// hundred places, in order of images and places, whatever the cut.
public struct ConvolutionWeightGradient: Operator {
  /// How places meet.
  public let geometry: ConvolutionGeometry

  /// Height and width of the kernel.
  public let kernelSize: Size2D

  /// A gradient for a kernel of a size.
  public init(_ geometry: ConvolutionGeometry = ConvolutionGeometry(), kernelSize: Size2D) {
    self.geometry = geometry
    self.kernelSize = kernelSize
  }

  /// `conv_weight_gradient`.
  public var name: String { "conv_weight_gradient" }

  /// The geometry, and the size of the kernel.
  public var attributes: [Attribute] { geometry.attributes + [Attribute("kernel_size", kernelSize)] }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    let (x, y) = (inputs[0], inputs[1])
    try expectImages(x, "the image")
    try expectImages(y, "the cotangent")
    guard x.dtype == y.dtype else {
      throw ShapeError(.dtype, "\(name): \(x) and \(y) have different element types; cast one")
    }
    let small = try geometry.smallSize(of: x.plane(from: 1), kernel: kernelSize, name)
    guard small == y.plane(from: 1), x.shape[0] == y.shape[0] else {
      throw ShapeError(
        .dimension,
        "\(name): \(x.shape[0]) images of \(x.plane(from: 1)) are taken to \(small), which the cotangent must be, and it has"
          + " \(y.shape[0]) of \(y.plane(from: 1))")
    }
    guard x.shape[3] % geometry.groups == 0, y.shape[3] % geometry.groups == 0 else {
      throw ShapeError(
        .dimension,
        "\(name): \(x.shape[3]) and \(y.shape[3]) channels cannot be divided into \(geometry.groups) groups")
    }
    let output = TensorType(
      x.dtype, [kernelSize.height, kernelSize.width, x.shape[3] / geometry.groups, y.shape[3]])
    try output.shape.validate()
    return [output]
  }

  /// Two operations for every product.
  public func cost(_ signature: Signature) -> Cost {
    let weights = signature.outputs[0].shape
    let taps = Double(weights[0]) * Double(weights[1]) * Double(weights[2])
    return Cost(
      flops: 2 * Double(signature.inputs[1].elementCount) * taps,
      bytesRead: Double(signature.inputs.reduce(0) { $0 + $1.byteCount }),
      bytesWritten: Double(signature.outputs[0].byteCount))
  }

  /// Channels of either image. Each piece reads the whole other image, so that the fewer places the kernel has the more
  /// channels a piece needs to be worth it.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    let places = max(kernelSize.height * kernelSize.width, 1)
    return [
      SplitAxis(3, minimum: 32, multiple: 16), SplitAxis(2, minimum: max(128 / places, 8), multiple: 8),
    ]
  }

  /// The channels of the region, all of x's where there are several groups.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    var result = Region(whole: signature.inputs[index].shape)
    if index == 1 {
      result[3] = region[3]
    } else if geometry.groups == 1 {
      result[3] = region[2]
    }
    return result
  }

  /// A few rows of both images, laid out.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int {
    guard region.elementCount > 0 else { return 0 }
    return withUnsafePointer(to: lengths(signature, region)) {
      ck_conv_weights_scratch(VectorLevel.current.level, signature.outputs[0].dtype.code, $0)
    }
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let bound = lengths(signature, region)
    let (level, dtype) = (VectorLevel.current.level, signature.outputs[0].dtype.code)
    return Kernel { arguments in
      withUnsafePointer(to: bound) {
        ck_conv_weights(
          level, dtype, $0, arguments.pointers[0], arguments.pointers[1], arguments.pointers[2],
          arguments.scratch)
      }
      return .success
    }
  }

  private func lengths(_ signature: Signature, _ region: Region) -> ck_conv {
    var g = geometry.kernelLengths(
      large: signature.inputs[0].shape, small: signature.inputs[1].shape, kernel: kernelSize, result: \.small)
    // Within each group of x.
    (g.large_begin, g.large_end) = (region[2].lowerBound, region[2].upperBound)
    (g.small_begin, g.small_end) = (region[3].lowerBound, region[3].upperBound)
    return g
  }
}
