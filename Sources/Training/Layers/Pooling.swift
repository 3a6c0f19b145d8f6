public import TributaryAutodiff
public import TributaryOps

/// The largest element of each window of images.
///
/// See ``/TributaryAutodiff/maxPool2d(_:kernel:stride:padding:dilation:layout:file:line:)`` for shapes and cost.
public struct MaxPool2d: Layer {
  private let window: PoolingWindow
  private let layout: ImageLayout

  /// Windows of a size; side by side where no stride is given.
  public init(
    _ kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0, dilation: Size2D = 1,
    layout: ImageLayout = .channelsFirst
  ) {
    window = PoolingWindow(kernel, stride: stride, padding: padding, dilation: dilation)
    self.layout = layout
  }

  /// Applies the maximum.
  public func callAsFunction(_ x: Value) -> Value {
    maxPool2d(
      x, kernel: window.kernel, stride: window.stride, padding: window.padding, dilation: window.dilation,
      layout: layout)
  }
}

/// The mean of each window of images.
///
/// See ``/TributaryAutodiff/avgPool2d(_:kernel:stride:padding:countsPadding:layout:file:line:)`` for shapes and cost.
public struct AvgPool2d: Layer {
  private let kernel: Size2D
  private let stride: Size2D
  private let padding: Size2D
  private let countsPadding: Bool
  private let layout: ImageLayout

  /// Windows of a size; side by side where no stride is given.
  public init(
    _ kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0, countsPadding: Bool = true,
    layout: ImageLayout = .channelsFirst
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.countsPadding = countsPadding
    self.layout = layout
  }

  /// Applies the mean.
  public func callAsFunction(_ x: Value) -> Value {
    avgPool2d(
      x, kernel: kernel, stride: stride, padding: padding, countsPadding: countsPadding, layout: layout)
  }
}
