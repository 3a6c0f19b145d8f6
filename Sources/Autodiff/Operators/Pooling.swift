public import TributaryOps

/// The largest element of each window; the cotangent of a window goes to the first of its largest elements, in row-major
/// order. A NaN in a window gives NaN.
///
/// - Parameters:
///   - x: `[N, C, H, W]`, or `[N, H, W, C]` channels last; f32 or f64.
///   - kernel: Places of a window.
///   - stride: The distance between windows; the kernel's size when nil.
///   - padding: What lies around x and counts as −∞; less than the extent of a window.
///   - dilation: The distance between the places of a window.
///   - layout: Where the channels are.
/// - Returns: `[N, C, h, w]` with h = ⌊(H + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1. Costs a comparison for each
///   place of each window. An x that does not fit is a mistake that `compile` reports.
public func maxPool2d(
  _ x: Value, kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0, dilation: Size2D = 1,
  layout: ImageLayout = .channelsFirst, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let window = PoolingWindow(kernel, stride: stride, padding: padding, dilation: dilation)
  return ImageEdge(subject: "max_pool2d", layout: layout, site: SourceSite(file, line))
    .apply([x]) { _ in MaxPool(window) }
}

/// The mean of each window.
///
/// - Parameters:
///   - x: `[N, C, H, W]`, or `[N, H, W, C]` channels last; f32 or f64.
///   - kernel: Places of a window.
///   - stride: The distance between windows; the kernel's size when nil.
///   - padding: Zeros around x; less than the kernel.
///   - countsPadding: Whether padding counts in the divisor.
///   - layout: Where the channels are.
/// - Returns: `[N, C, h, w]` with h = ⌊(H + 2·padding − kh) / stride⌋ + 1. Costs an addition for each place of each
///   window. An x that does not fit is a mistake that `compile` reports.
public func avgPool2d(
  _ x: Value, kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0, countsPadding: Bool = true,
  layout: ImageLayout = .channelsFirst, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let windows = MeanWindows.kernel(
    kernel, stride: stride ?? kernel, padding: padding, countsPadding: countsPadding)
  return ImageEdge(subject: "avg_pool2d", layout: layout, site: SourceSite(file, line))
    .apply([x]) { _ in MeanPool(windows) }
}

/// The means of windows that together cover each image: of n places along an axis, window i of m spans ⌊i·n/m⌋ ..<
/// ⌈(i + 1)·n/m⌉; neighbours may share places.
///
/// - Parameters:
///   - x: `[N, C, H, W]`, or `[N, H, W, C]` channels last; f32 or f64, H and W not 0.
///   - outputSize: The windows along each axis, 1 or more.
///   - layout: Where the channels are.
/// - Returns: `[N, C, h, w]` of the output size. An x that does not fit is a mistake that `compile` reports.
public func adaptiveAvgPool2d(
  _ x: Value, outputSize: Size2D, layout: ImageLayout = .channelsFirst, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  ImageEdge(subject: "adaptive_avg_pool2d", layout: layout, site: SourceSite(file, line))
    .apply([x]) { _ in MeanPool(.bins(outputSize)) }
}

/// The mean of each channel of each image: `[N, C, H, W]`, or `[N, H, W, C]` channels last, to `[N, C]`; NaN where an
/// image has no places.
public func globalAvgPool2d(
  _ x: Value, layout: ImageLayout = .channelsFirst, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  return x.builder.emit("global_avg_pool2d", [x], site) { () throws(ShapeError) in
    guard x.rank == 4 else {
      throw ShapeError(.rank, "images must have 4 axes, and not the \(x.rank) of \(x.shape)")
    }
    return Reduce(.mean, axes: layout == .channelsFirst ? [2, 3] : [1, 2])
  }
}

extension MaxPool: DifferentiableOperator {
  /// The cotangent of each window at its first largest element.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.apply(MaxPoolGradient(window), context.inputs[0], context.dy)]
  }
}

/// ``DifferentiableOperator``: linear in the cotangent; the image only says where.
extension MaxPoolGradient: DifferentiableOperator {
  /// For the cotangent, what lies where it went.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [nil, context.when(1) { context.apply(MaxPoolPick(window), context.inputs[0], context.dy) }]
  }
}

/// ``DifferentiableOperator``: linear in the elements picked; the image only says where.
extension MaxPoolPick: DifferentiableOperator {
  /// For the elements picked, the cotangent where they lie.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [nil, context.when(1) { context.apply(MaxPoolGradient(window), context.inputs[0], context.dy) }]
  }
}

extension MeanPool: DifferentiableOperator {
  /// The cotangents spread over their windows.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let shape = context.inputs[0].shape
    return [context.apply(MeanPoolGradient(windows, imageSize: Size2D(shape[1], shape[2])), context.dy)]
  }
}

extension MeanPoolGradient: DifferentiableOperator {
  /// The means of the cotangent.
  public func vjp(_ context: VJPContext) -> [Value?] { [context.apply(MeanPool(windows), context.dy)] }
}
