public import TributaryAutodiff
public import TributaryOps

/// A convolution of sequences with weights, y = x ∗ W + b.
///
/// x is `[N, inputs, W]`, or `[N, W, inputs]` channels last, W `[outputs, inputs / groups, kernel]`, b `[outputs]`. See
/// ``/TributaryAutodiff/conv1d(_:_:bias:stride:padding:dilation:groups:layout:file:line:)`` for formula, shapes and cost.
public struct Conv1d: Layer {
  /// W, `[outputs, inputs / groups, kernel]`.
  public let weight: Parameter

  /// b, `[outputs]`; nil without one.
  public let bias: Parameter?

  private let stride: Int
  private let padding: Int
  private let dilation: Int
  private let groups: Int
  private let layout: ImageLayout

  /// A convolution with fresh parameters; b begins with zeros.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, layout: ImageLayout = .channelsFirst,
    initial: Initializer = .heNormal, dtype: DType = .float32
  ) {
    weight = Parameter(
      [outputs, share(of: inputs, groups), kernel], dtype: dtype, initial: initial)
    self.bias = bias ? Parameter([outputs], dtype: dtype, initial: .constant(0)) : nil
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.layout = layout
  }

  /// Applies the convolution.
  public func callAsFunction(_ x: Value) -> Value {
    conv1d(
      x, weight.value(in: x.builder), bias: bias?.value(in: x.builder), stride: stride, padding: padding,
      dilation: dilation, groups: groups, layout: layout)
  }
}

/// A convolution of images with weights, y = x ∗ W + b.
///
/// x is `[N, inputs, H, W]`, or `[N, H, W, inputs]` channels last, W `[outputs, inputs / groups, kh, kw]`, b `[outputs]`.
/// See ``/TributaryAutodiff/conv2d(_:_:bias:stride:padding:dilation:groups:layout:file:line:)`` for formula, shapes and cost.
public struct Conv2d: Layer {
  /// W, `[outputs, inputs / groups, kh, kw]`.
  public let weight: Parameter

  /// b, `[outputs]`; nil without one.
  public let bias: Parameter?

  private let geometry: ConvolutionGeometry
  private let layout: ImageLayout

  /// A convolution with fresh parameters; b begins with zeros.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Size2D, stride: Size2D = 1, padding: Size2D = 0,
    dilation: Size2D = 1, groups: Int = 1, bias: Bool = true, layout: ImageLayout = .channelsFirst,
    initial: Initializer = .heNormal, dtype: DType = .float32
  ) {
    weight = Parameter(
      [outputs, share(of: inputs, groups), kernel.height, kernel.width], dtype: dtype, initial: initial)
    self.bias = bias ? Parameter([outputs], dtype: dtype, initial: .constant(0)) : nil
    geometry = ConvolutionGeometry(stride: stride, padding: padding, dilation: dilation, groups: groups)
    self.layout = layout
  }

  /// Applies the convolution.
  public func callAsFunction(_ x: Value) -> Value {
    conv2d(
      x, weight.value(in: x.builder), bias: bias?.value(in: x.builder), stride: geometry.stride,
      padding: geometry.padding, dilation: geometry.dilation, groups: geometry.groups, layout: layout)
  }
}

/// A transposed convolution of images.
///
/// x is `[N, inputs, H, W]`, or `[N, H, W, inputs]` channels last, W `[inputs, outputs / groups, kh, kw]`, b `[outputs]`.
/// See ``/TributaryAutodiff/convTranspose2d(_:_:bias:stride:padding:outputPadding:dilation:groups:layout:file:line:)``.
public struct ConvTranspose2d: Layer {
  /// W, `[inputs, outputs / groups, kh, kw]`.
  public let weight: Parameter

  /// b, `[outputs]`; nil without one.
  public let bias: Parameter?

  private let geometry: ConvolutionGeometry
  private let outputPadding: Size2D
  private let layout: ImageLayout

  /// A transposed convolution with fresh parameters; b begins with zeros.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Size2D, stride: Size2D = 1, padding: Size2D = 0,
    outputPadding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1, bias: Bool = true,
    layout: ImageLayout = .channelsFirst, initial: Initializer = .heNormal, dtype: DType = .float32
  ) {
    weight = Parameter(
      [inputs, share(of: outputs, groups), kernel.height, kernel.width], dtype: dtype, initial: initial)
    self.bias = bias ? Parameter([outputs], dtype: dtype, initial: .constant(0)) : nil
    geometry = ConvolutionGeometry(stride: stride, padding: padding, dilation: dilation, groups: groups)
    self.outputPadding = outputPadding
    self.layout = layout
  }

  /// Applies the transposed convolution.
  public func callAsFunction(_ x: Value) -> Value {
    convTranspose2d(
      x, weight.value(in: x.builder), bias: bias?.value(in: x.builder), stride: geometry.stride,
      padding: geometry.padding, outputPadding: outputPadding, dilation: geometry.dilation,
      groups: geometry.groups, layout: layout)
  }
}

/// The channels of a group; all of them where the groups are impossible, which the operator then says.
private func share(of channels: Int, _ groups: Int) -> Int { groups > 0 ? channels / groups : channels }
