internal import CKernels

/// How the places of a convolution's two images meet: place i of the large image and place o of the small one meet at
/// place k of the kernel where i = o · stride − padding + k · dilation, in each axis.
public struct ConvolutionGeometry: Hashable, Sendable {
  /// The distance in the large image between neighbours of the small one, 1 or more.
  public var stride: Size2D

  /// The zeros around the large image, on both sides of each axis.
  public var padding: Size2D

  /// The distance in the large image between neighbours of the kernel, 1 or more.
  public var dilation: Size2D

  /// Into how many groups the channels of both images are divided; only channels of one group meet.
  public var groups: Int

  /// A geometry from its parts.
  public init(stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// The parts that say something, in a fixed order.
  var attributes: [Attribute] {
    (stride == 1 ? [] : [Attribute("stride", stride)]) + (padding == 0 ? [] : [Attribute("padding", padding)])
      + (dilation == 1 ? [] : [Attribute("dilation", dilation)])
      + (groups == 1 ? [] : [Attribute("groups", groups)])
  }

  /// The small image that a kernel makes of a large image.
  /// - Throws: `ShapeError` when the geometry is impossible or the kernel does not fit.
  func smallSize(of large: Size2D, kernel: Size2D, _ name: String) throws(ShapeError) -> Size2D {
    guard groups >= 1 else {
      throw ShapeError(.attribute, "\(name): there are \(groups) groups; give 1 or more")
    }
    return Size2D(
      try windowCount(
        name, length: large.height, kernel: kernel.height, stride: stride.height, padding: padding.height,
        dilation: dilation.height, axis: "height"),
      try windowCount(
        name, length: large.width, kernel: kernel.width, stride: stride.width, padding: padding.width,
        dilation: dilation.width, axis: "width"))
  }

  /// The lengths as the kernels take them, with everything to be computed.
  func kernelLengths(
    large: Shape, small: Shape, kernel: Size2D, result: KeyPath<ck_conv, (Int, Int)>
  ) -> ck_conv {
    var g = ck_conv()
    (g.large, g.small) = ((large[1], large[2]), (small[1], small[2]))
    (g.kernel, g.stride, g.padding, g.dilation) = (kernel.pair, stride.pair, padding.pair, dilation.pair)
    (g.large_channels, g.small_channels, g.groups) = (large[3], small[3], groups)
    g.image_end = large[0]
    g.row_end = g[keyPath: result].0
    (g.large_end, g.small_end) = (large[3], small[3])
    return g
  }

  /// The rows of the large image that rows of the small one are computed from.
  func largeRows(for small: Range<Int>, kernel: Int, of length: Int) -> Range<Int> {
    guard !small.isEmpty else { return 0..<0 }
    let first = small.lowerBound * stride.height - padding.height
    let last = (small.upperBound - 1) * stride.height - padding.height + (kernel - 1) * dilation.height
    return rows(first, last, of: length)
  }

  /// The rows of the small image that rows of the large one are computed from.
  func smallRows(for large: Range<Int>, kernel: Int, of length: Int) -> Range<Int> {
    guard !large.isEmpty else { return 0..<0 }
    let before = large.lowerBound + padding.height - (kernel - 1) * dilation.height
    let first = before > 0 ? (before + stride.height - 1) / stride.height : 0
    return rows(first, (large.upperBound - 1 + padding.height) / stride.height, of: length)
  }

  private func rows(_ first: Int, _ last: Int, of length: Int) -> Range<Int> {
    let lower = max(first, 0)
    let upper = min(last + 1, length)
    return lower < upper ? lower..<upper : 0..<0
  }
}

/// The number of places at which a window fits along a padded axis: ⌊(n + 2·padding − dilation·(k − 1) − 1) / stride⌋ + 1.
/// - Throws: `ShapeError` when a number is impossible or the window does not fit.
func windowCount(
  _ name: String, length: Int, kernel: Int, stride: Int, padding: Int, dilation: Int, axis: String
) throws(ShapeError) -> Int {
  let largest = Int(Int32.max)
  for (what, number, least) in [
    ("kernel", kernel, 1), ("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1),
  ] where number < least || number > largest {
    throw ShapeError(
      .attribute, "\(name): the \(what)'s \(axis) is \(number); give \(least) to \(largest)")
  }
  guard length <= largest else {
    throw ShapeError(.overflow, "\(name): an image's \(axis) of \(length) is more than \(largest)")
  }
  let extent = dilation * (kernel - 1) + 1
  let padded = length + 2 * padding
  guard padded >= extent else {
    throw ShapeError(
      .dimension,
      "\(name): a window of \(axis) \(extent) does not fit into an image of \(axis) \(length) with \(padding) of"
        + " padding on both sides")
  }
  return (padded - extent) / stride + 1
}

extension Operator {
  /// Images [N, H, W, C] of f32 or f64.
  func expectImages(_ type: TensorType, _ what: String) throws(ShapeError) {
    try expectFloatingPoint(type)
    guard type.rank == 4 else {
      throw ShapeError(.rank, "\(name): \(what) has 4 axes, [N, H, W, C], and not \(type)")
    }
  }
}

extension TensorType {
  /// Height and width of images [N, H, W, C], or of a kernel [kh, kw, …] at its axes 0 and 1.
  func plane(from axis: Int) -> Size2D { Size2D(shape[axis], shape[axis + 1]) }
}
