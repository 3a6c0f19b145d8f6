internal import CKernels

/// The windows of a maximum: window o begins at o · stride − padding and takes every dilation-th place.
public struct PoolingWindow: Hashable, Sendable {
  /// The places of a window, 1 or more in each axis.
  public var kernel: Size2D

  /// The distance between windows, 1 or more.
  public var stride: Size2D

  /// What lies around the image on both sides of each axis, counting as −∞; less than the extent of a window.
  public var padding: Size2D

  /// The distance between the places of a window, 1 or more.
  public var dilation: Size2D

  /// Windows from their parts; side by side where no stride is given.
  public init(_ kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0, dilation: Size2D = 1) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.dilation = dilation
  }

  /// The parts that say something, in a fixed order.
  var attributes: [Attribute] {
    [Attribute("kernel", kernel)] + (stride == kernel ? [] : [Attribute("stride", stride)])
      + (padding == 0 ? [] : [Attribute("padding", padding)])
      + (dilation == 1 ? [] : [Attribute("dilation", dilation)])
  }

  /// The type of the windows' values.
  /// - Throws: `ShapeError` when a number is impossible or no window fits.
  func reduced(_ x: TensorType, _ name: String) throws(ShapeError) -> TensorType {
    let height = try windowCount(
      name, length: x.shape[1], kernel: kernel.height, stride: stride.height, padding: padding.height,
      dilation: dilation.height, axis: "height")
    let width = try windowCount(
      name, length: x.shape[2], kernel: kernel.width, stride: stride.width, padding: padding.width,
      dilation: dilation.width, axis: "width")
    guard padding.height <= dilation.height * (kernel.height - 1),
      padding.width <= dilation.width * (kernel.width - 1)
    else {
      throw ShapeError(
        .attribute,
        "\(name): a padding of \(padding) leaves windows of \(kernel) without an element; give less")
    }
    guard kernel.height * kernel.width <= Int(Int32.max) else {
      throw ShapeError(.overflow, "\(name): a window of \(kernel) has too many places")
    }
    return TensorType(x.dtype, [x.shape[0], height, width, x.shape[3]])
  }

  /// The lengths as the kernels take them, with everything to be computed.
  func kernelLengths(large: Shape, small: Shape) -> ck_pool {
    var g = ck_pool(large: large, small: small)
    (g.kernel, g.stride, g.padding, g.dilation) = (kernel.pair, stride.pair, padding.pair, dilation.pair)
    return g
  }

  /// The rows of the image that windows reach.
  func largeRows(for small: Range<Int>, of length: Int) -> Range<Int> {
    ConvolutionGeometry(stride: stride, padding: padding, dilation: dilation)
      .largeRows(for: small, kernel: kernel.height, of: length)
  }
}

/// The largest element of each window of images: y[n, h, w, c] = max x[n, h·stride − padding + i·dilation, …, c] over
/// the places (i, j) of the window that lie in the image.
///
/// Input: x [N, H, W, C] of f32 or f64. Output: [N, h, w, C]. A NaN in a window gives NaN; a window between whose places
/// the whole image lies gives −∞. Costs a comparison for each place.
public struct MaxPool: MaximumOfWindows {
  /// The windows.
  public let window: PoolingWindow

  /// A maximum of windows.
  public init(_ window: PoolingWindow) { self.window = window }

  /// `max_pool`.
  public var name: String { "max_pool" }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expectImages(inputs[0], "the image")
    return [try window.reduced(inputs[0], name)]
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    window.kernel(signature, small: signature.outputs[0], region) { level, dtype, lengths, p in
      ck_max_pool(level, dtype, lengths, p[0], nil, p[1])
    }
  }
}

/// The elements of a second image where the first one has its maxima: y = z at the first of the largest elements of x in
/// each window, in row-major order; 0 for a window without an element. The derivative of ``MaxPool`` along z.
///
/// Inputs: x and z, both [N, H, W, C] of one type. Output: [N, h, w, C].
public struct MaxPoolPick: MaximumOfWindows {
  /// The windows.
  public let window: PoolingWindow

  /// A choice by windows.
  public init(_ window: PoolingWindow) { self.window = window }

  /// `max_pool_pick`.
  public var name: String { "max_pool_pick" }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    try expectImages(inputs[0], "the image")
    guard inputs[1] == inputs[0] else {
      throw ShapeError(.dimension, "\(name): \(inputs[1]) must be of the image's type, \(inputs[0])")
    }
    return [try window.reduced(inputs[0], name)]
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    window.kernel(signature, small: signature.outputs[0], region) { level, dtype, lengths, p in
      ck_max_pool(level, dtype, lengths, p[0], p[1], p[2])
    }
  }
}

/// The gradient of ``MaxPool``: the cotangent of each window goes to the first of its largest elements, in row-major
/// order.
///
/// Inputs: x [N, H, W, C] and the cotangent [N, h, w, C] of one type. Output: x's type. Cotangents that meet are added in
/// order of the windows.
public struct MaxPoolGradient: MaximumOfWindows {
  /// The windows.
  public let window: PoolingWindow

  /// A gradient for windows.
  public init(_ window: PoolingWindow) { self.window = window }

  /// `max_pool_gradient`.
  public var name: String { "max_pool_gradient" }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    try expectImages(inputs[0], "the image")
    let small = try window.reduced(inputs[0], name)
    guard inputs[1] == small else {
      throw ShapeError(
        .dimension, "\(name): the cotangent is \(inputs[1]) and must be of the output's type, \(small)")
    }
    return [inputs[0]]
  }

  /// A comparison and an addition for each place of each window.
  public func cost(_ signature: Signature) -> Cost {
    var cost = Cost.streaming(signature, flopsPerElement: 0)
    cost.flops =
      2 * Double(window.kernel.height * window.kernel.width) * Double(signature.inputs[1].elementCount)
    return cost
  }

  /// Images and channels; rows may share windows.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] { imageAxes(signature, rows: false) }

  /// The region's images and channels.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    Region(whole: signature.inputs[index].shape).replacing(axis: 0, with: region[0])
      .replacing(axis: 3, with: region[3])
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    window.kernel(signature, small: signature.inputs[1], region) { level, dtype, lengths, p in
      ck_max_pool_gradient(level, dtype, lengths, p[0], p[1], p[2])
    }
  }
}

/// An operator on the largest elements of windows of images [N, H, W, C].
public protocol MaximumOfWindows: Operator {
  /// The windows.
  var window: PoolingWindow { get }
}

extension MaximumOfWindows {
  /// The windows.
  public var attributes: [Attribute] { window.attributes }

  /// A comparison for each place of each window.
  public func cost(_ signature: Signature) -> Cost {
    .streaming(signature, flopsPerElement: Double(window.kernel.height * window.kernel.width))
  }

  /// Images, rows, channels.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] { imageAxes(signature, rows: true) }

  /// The rows that the region's windows reach.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let shape = signature.inputs[index].shape
    return region.replacing(axis: 1, with: window.largeRows(for: region[1], of: shape[1]))
      .replacing(axis: 2, with: 0..<shape[2])
  }
}

extension PoolingWindow {
  /// The kernel that calls `body` with the lengths of a region.
  fileprivate func kernel(
    _ signature: Signature, small: TensorType, _ region: Region,
    _ body:
      @escaping @Sendable (
        ck_level, ck_dtype, UnsafePointer<ck_pool>, UnsafePointer<UnsafeMutableRawPointer>
      ) -> Void
  ) -> Kernel {
    var bound = kernelLengths(large: signature.inputs[0].shape, small: small.shape)
    bound.restrict(to: region)
    let (level, dtype, lengths) = (VectorLevel.current.level, signature.outputs[0].dtype.code, bound)
    return Kernel { arguments in
      withUnsafePointer(to: lengths) { body(level, dtype, $0, arguments.pointers) }
      return .success
    }
  }
}

extension Operator {
  /// The axes along which images [N, H, W, C] are cut where their channels and places are independent.
  func imageAxes(_ signature: Signature, rows: Bool) -> [SplitAxis] {
    let shape = signature.outputs[0].shape
    return [SplitAxis(0)] + (rows ? [SplitAxis(1)] : [])
      + (shape[3] > 16 ? [SplitAxis(3, minimum: 16, multiple: 16)] : [])
  }
}

extension ck_pool {
  init(large: Shape, small: Shape) {
    self.init()
    (self.large, self.small) = ((large[1], large[2]), (small[1], small[2]))
    (kernel, stride, padding, dilation) = ((1, 1), (1, 1), (0, 0), (1, 1))
    channels = large[3]
  }

  /// Computes a region of the result only.
  mutating func restrict(to region: Region) {
    (image_begin, image_end) = (region[0].lowerBound, region[0].upperBound)
    (row_begin, row_end) = (region[1].lowerBound, region[1].upperBound)
    (channel_begin, channel_end) = (region[3].lowerBound, region[3].upperBound)
  }
}
