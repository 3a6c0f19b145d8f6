internal import CKernels

/// The windows of a mean.
public enum MeanWindows: Hashable, Sendable {
  /// Windows of one size at a stride; padding counts as zeros where `countsPadding`, and else not at all.
  case kernel(Size2D, stride: Size2D, padding: Size2D, countsPadding: Bool)

  /// So many windows that together cover the image: of n places, window i of m spans ⌊i·n/m⌋ ..< ⌈(i+1)·n/m⌉.
  case bins(Size2D)

  /// The parts in a fixed order.
  var attributes: [Attribute] {
    switch self {
    case .kernel(let kernel, let stride, let padding, let countsPadding):
      [Attribute("kernel", kernel)] + (stride == kernel ? [] : [Attribute("stride", stride)])
        + (padding == 0
          ? [] : [Attribute("padding", padding), Attribute("count_include_pad", countsPadding)])
    case .bins(let size): [Attribute("output_size", size)]
    }
  }

  /// The windows over an image of a size.
  /// - Throws: `ShapeError` when a number is impossible or a window holds no element.
  func count(over image: Size2D, _ name: String) throws(ShapeError) -> Size2D {
    switch self {
    case .kernel(let kernel, let stride, let padding, _):
      let height = try windowCount(
        name, length: image.height, kernel: kernel.height, stride: stride.height, padding: padding.height,
        dilation: 1, axis: "height")
      let width = try windowCount(
        name, length: image.width, kernel: kernel.width, stride: stride.width, padding: padding.width,
        dilation: 1, axis: "width")
      guard padding.height < kernel.height, padding.width < kernel.width, image.height > 0, image.width > 0
      else {
        throw ShapeError(
          .attribute,
          "\(name): a padding of \(padding) around \(image) leaves windows of \(kernel) without an element; give less"
        )
      }
      return Size2D(height, width)
    case .bins(let size):
      for (bins, length) in zip(size.lengths, image.lengths) {
        guard bins >= 1, bins <= Int(Int32.max), length <= Int(Int32.max) else {
          throw ShapeError(.attribute, "\(name): cannot make \(size) bins of \(image); give 1 or more")
        }
        guard length > 0 else {
          throw ShapeError(.dimension, "\(name): an image of \(image) has no elements to average")
        }
      }
      return size
    }
  }

  fileprivate func kernelLengths(large: Shape, small: Shape, region: Region) -> ck_pool {
    var g = ck_pool(large: large, small: small)
    switch self {
    case .kernel(let kernel, let stride, let padding, let countsPadding):
      (g.kernel, g.stride, g.padding) = (kernel.pair, stride.pair, padding.pair)
      g.counts_padding = countsPadding ? 1 : 0
    case .bins: g.adaptive = 1
    }
    g.restrict(to: region)
    return g
  }

  /// The rows of the image that windows span.
  fileprivate func largeRows(for small: Range<Int>, of large: Int, in count: Int) -> Range<Int> {
    guard !small.isEmpty else { return 0..<0 }
    switch self {
    case .kernel(let kernel, let stride, let padding, _):
      let first = small.lowerBound * stride.height - padding.height
      let end = (small.upperBound - 1) * stride.height - padding.height + kernel.height
      return max(first, 0)..<min(end, large)
    case .bins:
      return small.lowerBound * large / count..<(small.upperBound * large + count - 1) / count
    }
  }

  /// The rows of windows that hold one of some rows of the image.
  fileprivate func smallRows(for large: Range<Int>, of count: Int, in length: Int) -> Range<Int> {
    let meeting = (0..<count).filter {
      largeRows(for: $0..<$0 + 1, of: length, in: count).overlaps(large)
    }
    guard let first = meeting.first, let last = meeting.last else { return 0..<0 }
    return first..<last + 1
  }
}

/// The mean of each window of images.
///
/// Input: x [N, H, W, C] of f32 or f64. Output: [N, h, w, C]. Elements are added in row-major order and the sum divided
/// by the window's size, or by how much of it lies inside the image. Costs an addition for each place.
public struct MeanPool: Operator {
  /// The windows.
  public let windows: MeanWindows

  /// A mean over windows.
  public init(_ windows: MeanWindows) { self.windows = windows }

  /// `mean_pool`.
  public var name: String { "mean_pool" }

  /// The windows.
  public var attributes: [Attribute] { windows.attributes }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expectImages(inputs[0], "the image")
    let x = inputs[0]
    let small = try windows.count(over: x.plane(from: 1), name)
    return [TensorType(x.dtype, [x.shape[0], small.height, small.width, x.shape[3]])]
  }

  /// An addition for each place.
  public func cost(_ signature: Signature) -> Cost {
    var cost = Cost.streaming(signature, flopsPerElement: 1)
    cost.flops += windows.additions(signature.inputs[0], signature.outputs[0])
    return cost
  }

  /// Images, rows, channels.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] { imageAxes(signature, rows: true) }

  /// The rows that the region's windows span.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let (input, output) = (signature.inputs[0].shape, signature.outputs[0].shape)
    return region.replacing(axis: 2, with: 0..<input[2])
      .replacing(axis: 1, with: windows.largeRows(for: region[1], of: input[1], in: output[1]))
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let bound = windows.kernelLengths(
      large: signature.inputs[0].shape, small: signature.outputs[0].shape, region: region)
    let (level, dtype) = (VectorLevel.current.level, signature.outputs[0].dtype.code)
    return Kernel { arguments in
      withUnsafePointer(to: bound) {
        ck_mean_pool(level, dtype, $0, arguments.pointers[0], arguments.pointers[1])
      }
      return .success
    }
  }
}

/// The gradient of ``MeanPool``: each element gets the sum, over the windows that hold it, of their cotangents divided as
/// the mean is.
///
/// Input: the cotangent [N, h, w, C]. Output: [N, H, W, C], of the size that it is made with.
public struct MeanPoolGradient: Operator {
  /// The windows.
  public let windows: MeanWindows

  /// Height and width of the output.
  public let imageSize: Size2D

  /// A gradient for images of a size.
  public init(_ windows: MeanWindows, imageSize: Size2D) {
    self.windows = windows
    self.imageSize = imageSize
  }

  /// `mean_pool_gradient`.
  public var name: String { "mean_pool_gradient" }

  /// The windows, and the size of the output.
  public var attributes: [Attribute] { windows.attributes + [Attribute("image_size", imageSize)] }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expectImages(inputs[0], "the cotangent")
    let dy = inputs[0]
    let small = try windows.count(over: imageSize, name)
    guard small == dy.plane(from: 1) else {
      throw ShapeError(
        .dimension,
        "\(name): images of \(imageSize) are taken to \(small), which the cotangent must be, and not \(dy.plane(from: 1))"
      )
    }
    let output = TensorType(dy.dtype, [dy.shape[0], imageSize.height, imageSize.width, dy.shape[3]])
    try output.shape.validate()
    return [output]
  }

  /// A division and an addition for each place.
  public func cost(_ signature: Signature) -> Cost {
    var cost = Cost.streaming(signature, flopsPerElement: 1)
    cost.flops += 2 * windows.additions(signature.outputs[0], signature.inputs[0])
    return cost
  }

  /// Images, rows, channels.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] { imageAxes(signature, rows: true) }

  /// The rows of windows that hold one of the region's rows.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let (input, output) = (signature.inputs[0].shape, signature.outputs[0].shape)
    return region.replacing(axis: 2, with: 0..<input[2])
      .replacing(axis: 1, with: windows.smallRows(for: region[1], of: input[1], in: output[1]))
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let bound = windows.kernelLengths(
      large: signature.outputs[0].shape, small: signature.inputs[0].shape, region: region)
    let (level, dtype) = (VectorLevel.current.level, signature.outputs[0].dtype.code)
    return Kernel { arguments in
      withUnsafePointer(to: bound) {
        ck_mean_pool_gradient(level, dtype, $0, arguments.pointers[0], arguments.pointers[1])
      }
      return .success
    }
  }
}

extension MeanWindows {
  /// About how many elements the windows hold together.
  fileprivate func additions(_ large: TensorType, _ small: TensorType) -> Double {
    switch self {
    case .kernel(let kernel, _, _, _): Double(small.elementCount) * Double(kernel.height * kernel.width)
    case .bins: Double(max(large.elementCount, small.elementCount))
    }
  }
}
