internal import CKernels

/// An operator that computes images from images of the other size and weights, and perhaps a bias.
///
/// Weights are [kh, kw, C / groups, O], with C the channels of the large image and O those of the small one.
public protocol ImageConvolution: Operator {
  /// How places meet.
  var geometry: ConvolutionGeometry { get }

  /// Whether the large image is computed from the small one.
  var computesLargeImage: Bool { get }
}

/// Images convolved with weights (cross-correlation, as in all neural networks):
/// y[n, h, w, o] = bias[o] + Σ x[n, h·stride − padding + i·dilation, w·…, c] · weights[i, j, c, o], over i, j and the
/// channels c of o's group; outside the image x counts as zero.
///
/// Inputs: x [N, H, W, C], weights [kh, kw, C / groups, O] and, if given, a bias [O], all f32 or all f64. Output:
/// [N, h, w, O] with h = ⌊(H + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1. Costs 2·N·h·w·O·kh·kw·C / groups FLOP.
///
/// The products of an element are added in order of the weights, beginning with the bias, whatever the cut; nothing is
/// laid out but the weights and a few padded rows (Dukhan 2019, "The Indirect Convolution Algorithm").
public struct Convolution: ImageConvolution {
  /// How places meet.
  public let geometry: ConvolutionGeometry

  /// A convolution of a geometry.
  public init(_ geometry: ConvolutionGeometry = ConvolutionGeometry()) { self.geometry = geometry }

  /// `conv`.
  public var name: String { "conv" }

  /// False.
  public var computesLargeImage: Bool { false }

  /// The geometry.
  public var attributes: [Attribute] { geometry.attributes }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let (x, weights) = try operands(inputs, "the image")
    let small = try geometry.smallSize(of: x.plane(from: 1), kernel: weights.plane(from: 0), name)
    try expectGroups(weights)
    let (channels, overflow) = weights.shape[2].multipliedReportingOverflow(by: geometry.groups)
    guard !overflow, x.shape[3] == channels else {
      throw ShapeError(
        .dimension,
        "\(name): the image has \(x.shape[3]) channels, and must have what the weights take, \(weights.shape[2])"
          + " in each of \(geometry.groups) groups")
    }
    try expectBias(inputs, channels: weights.shape[3])
    return [TensorType(x.dtype, [x.shape[0], small.height, small.width, weights.shape[3]])]
  }
}

/// The gradient of ``Convolution`` for its image, which is also the transposed convolution: x[n, i, …, c] = bias[c] +
/// Σ y[n, h, …, o] · weights[k, …, c, o] over all h, k and o of c's group with i = h·stride − padding + k·dilation.
///
/// Inputs: y [N, h, w, O], weights [kh, kw, C / groups, O] and, if given, a bias [C]. Output: [N, H, W, C], of the size
/// that it is made with, which the convolution must take to h × w. Costs as much as the convolution: where the stride is
/// more than one, only the taps that meet a place are multiplied.
public struct ConvolutionInputGradient: ImageConvolution {
  /// How places meet.
  public let geometry: ConvolutionGeometry

  /// Height and width of the output.
  public let imageSize: Size2D

  /// A gradient for images of a size.
  public init(_ geometry: ConvolutionGeometry = ConvolutionGeometry(), imageSize: Size2D) {
    self.geometry = geometry
    self.imageSize = imageSize
  }

  /// `conv_input_gradient`.
  public var name: String { "conv_input_gradient" }

  /// True.
  public var computesLargeImage: Bool { true }

  /// The geometry, and the size of the output.
  public var attributes: [Attribute] { geometry.attributes + [Attribute("image_size", imageSize)] }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let (y, weights) = try operands(inputs, "the cotangent")
    let small = try geometry.smallSize(of: imageSize, kernel: weights.plane(from: 0), name)
    guard small == y.plane(from: 1) else {
      throw ShapeError(
        .dimension,
        "\(name): images of \(imageSize) are taken to \(small), which the cotangent must be, and not \(y.plane(from: 1))"
      )
    }
    try expectGroups(weights)
    guard y.shape[3] == weights.shape[3] else {
      throw ShapeError(
        .dimension,
        "\(name): the cotangent has \(y.shape[3]) channels and must have the weights' \(weights.shape[3])")
    }
    let (channels, overflow) = weights.shape[2].multipliedReportingOverflow(by: geometry.groups)
    guard !overflow else {
      throw ShapeError(
        .overflow, "\(name): \(geometry.groups) groups of \(weights.shape[2]) channels are too many")
    }
    try expectBias(inputs, channels: channels)
    let output = TensorType(y.dtype, [y.shape[0], imageSize.height, imageSize.width, channels])
    try output.shape.validate()
    return [output]
  }
}

extension ImageConvolution {
  /// The image and the weights, of which types and ranks are checked.
  fileprivate func operands(
    _ inputs: [TensorType], _ what: String
  ) throws(ShapeError) -> (TensorType, TensorType) {
    guard inputs.count == 2 || inputs.count == 3 else {
      throw ShapeError(
        .arity, "\(name) takes 2 inputs, or 3 with a bias, and was given \(inputs.count)")
    }
    try expectImages(inputs[0], what)
    guard inputs[1].rank == 4 else {
      throw ShapeError(
        .rank, "\(name): the weights have 4 axes, [kh, kw, C / groups, O], and not \(inputs[1])")
    }
    for input in inputs.dropFirst() where input.dtype != inputs[0].dtype {
      throw ShapeError(
        .dtype, "\(name): \(inputs[0]) and \(input) have different element types; cast one")
    }
    return (inputs[0], inputs[1])
  }

  fileprivate func expectGroups(_ weights: TensorType) throws(ShapeError) {
    guard weights.shape[3] % geometry.groups == 0 else {
      throw ShapeError(
        .dimension,
        "\(name): \(weights.shape[3]) channels cannot be divided into \(geometry.groups) groups")
    }
  }

  fileprivate func expectBias(_ inputs: [TensorType], channels: Int) throws(ShapeError) {
    guard inputs.count == 3, inputs[2].shape != [channels] else { return }
    throw ShapeError(.dimension, "\(name): the bias is \(inputs[2]) and must have the \(channels) channels")
  }

  /// Two operations for every product.
  public func cost(_ signature: Signature) -> Cost {
    let weights = signature.inputs[1].shape
    let small = computesLargeImage ? signature.inputs[0] : signature.outputs[0]
    let taps = Double(weights[0]) * Double(weights[1]) * Double(weights[2])
    return Cost(
      flops: 2 * Double(small.elementCount) * taps,
      bytesRead: Double(signature.inputs.reduce(0) { $0 + $1.byteCount }),
      bytesWritten: Double(signature.outputs[0].byteCount))
  }

  /// Images first, which costs nothing but laying out the weights once more; then channels and rows.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    let shape = signature.outputs[0].shape
    return (shape[0] > 1 ? [SplitAxis(0)] : []) + [SplitAxis(1, minimum: 4)]
      + (geometry.groups == 1 ? [SplitAxis(3, minimum: 64, multiple: 16)] : [])
  }

  /// The rows that the region's rows meet, and the weights and biases of its channels.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let shape = signature.inputs[index].shape
    var result = Region(whole: shape)
    switch index {
    case 0:
      let kernel = signature.inputs[1].shape[0]
      result[0] = region[0]
      result[1] =
        computesLargeImage
        ? geometry.smallRows(for: region[1], kernel: kernel, of: shape[1])
        : geometry.largeRows(for: region[1], kernel: kernel, of: shape[1])
    case 1:
      if geometry.groups == 1 { result[computesLargeImage ? 2 : 3] = region[3] }
    default:
      result[0] = region[3]
    }
    return result
  }

  /// The laid-out weights and a few padded rows.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int {
    guard region.elementCount > 0 else { return 0 }
    return withUnsafePointer(to: lengths(signature, region)) {
      ck_conv_images_scratch(
        VectorLevel.current.level, signature.outputs[0].dtype.code, direction, $0)
    }
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let bound = lengths(signature, region)
    let (level, dtype, direction) = (VectorLevel.current.level, signature.outputs[0].dtype.code, direction)
    let inputs = signature.inputs.count
    return Kernel { arguments in
      let pointers = arguments.pointers
      let bias: UnsafeRawPointer? = inputs == 3 ? UnsafeRawPointer(pointers[2]) : nil
      withUnsafePointer(to: bound) {
        ck_conv_images(
          level, dtype, direction, $0, pointers[0], pointers[1], bias, pointers[inputs], arguments.scratch)
      }
      return .success
    }
  }

  private var direction: ck_conv_direction { computesLargeImage ? CK_CONV_BACKWARD : CK_CONV_FORWARD }

  private func lengths(_ signature: Signature, _ region: Region) -> ck_conv {
    let (input, output) = (signature.inputs[0].shape, signature.outputs[0].shape)
    var g = geometry.kernelLengths(
      large: computesLargeImage ? output : input, small: computesLargeImage ? input : output,
      kernel: signature.inputs[1].plane(from: 0), result: computesLargeImage ? \.large : \.small)
    (g.image_begin, g.image_end) = (region[0].lowerBound, region[0].upperBound)
    (g.row_begin, g.row_end) = (region[1].lowerBound, region[1].upperBound)
    if computesLargeImage {
      (g.large_begin, g.large_end) = (region[3].lowerBound, region[3].upperBound)
    } else {
      (g.small_begin, g.small_end) = (region[3].lowerBound, region[3].upperBound)
    }
    return g
  }
}
