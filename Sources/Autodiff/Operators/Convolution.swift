public import TributaryOps

/// Sequences convolved with weights (cross-correlation): y[n, o, w] = bias[o] + Σ x[n, c, w·stride − padding + j·dilation]
/// · weights[o, c, j] over j and the channels c of o's group.
///
/// - Parameters:
///   - x: `[N, C, W]`, or `[N, W, C]` channels last; f32 or f64.
///   - weights: `[O, C / groups, kw]` in either layout.
///   - bias: `[O]`.
///   - stride: The distance between outputs, 1 or more.
///   - padding: Zeros on both sides.
///   - dilation: The distance between the places of the kernel, 1 or more.
///   - groups: Into how many groups channels are divided; C for a depthwise convolution.
///   - layout: Where the channels of x and the result are.
/// - Returns: `[N, O, w]` with w = ⌊(W + 2·padding − dilation·(kw − 1) − 1) / stride⌋ + 1. Costs
///   2·N·w·O·kw·C / groups FLOP. Operands that do not fit are a mistake that `compile` reports.
public func conv1d(
  _ x: Value, _ weights: Value, bias: Value? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
  groups: Int = 1, layout: ImageLayout = .channelsFirst, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let geometry = ConvolutionGeometry(
    stride: Size2D(1, stride), padding: Size2D(0, padding), dilation: Size2D(1, dilation), groups: groups)
  return ImageEdge(subject: "conv1d", layout: layout, site: SourceSite(file, line), rank: 3)
    .apply([x], weights: weights, bias: bias) { _ in Convolution(geometry) }
}

/// Images convolved with weights (cross-correlation): y[n, o, h, w] = bias[o] + Σ x[n, c, h·stride − padding + i·dilation,
/// w·…] · weights[o, c, i, j] over i, j and the channels c of o's group.
///
/// - Parameters:
///   - x: `[N, C, H, W]`, or `[N, H, W, C]` channels last; f32 or f64.
///   - weights: `[O, C / groups, kh, kw]` in either layout.
///   - bias: `[O]`.
///   - stride: The distance between outputs in each axis, 1 or more.
///   - padding: Zeros around x, on both sides of each axis.
///   - dilation: The distance between the places of the kernel, 1 or more.
///   - groups: Into how many groups channels are divided; C for a depthwise convolution.
///   - layout: Where the channels of x and the result are.
/// - Returns: `[N, O, h, w]` with h = ⌊(H + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1. Costs
///   2·N·h·w·O·kh·kw·C / groups FLOP. Operands that do not fit are a mistake that `compile` reports.
public func conv2d(
  _ x: Value, _ weights: Value, bias: Value? = nil, stride: Size2D = 1, padding: Size2D = 0,
  dilation: Size2D = 1, groups: Int = 1, layout: ImageLayout = .channelsFirst, file: StaticString = #fileID,
  line: UInt = #line
) -> Value {
  let geometry = ConvolutionGeometry(
    stride: stride, padding: padding, dilation: dilation, groups: groups)
  return ImageEdge(subject: "conv2d", layout: layout, site: SourceSite(file, line))
    .apply([x], weights: weights, bias: bias) { _ in Convolution(geometry) }
}

/// The transposed convolution (Zeiler and others 2010, "Deconvolutional networks"): the gradient of a convolution for its
/// image, as a function of its own. y[n, o, i, j] = bias[o] + Σ x[n, c, h, w] · weights[c, o, k, l] over all places with
/// i = h·stride − padding + k·dilation, j likewise.
///
/// - Parameters:
///   - x: `[N, C, H, W]`, or `[N, H, W, C]` channels last; f32 or f64.
///   - weights: `[C, O / groups, kh, kw]` in either layout.
///   - bias: `[O]`.
///   - stride: The distance between inputs in the output, 1 or more.
///   - padding: What is left out around the output, on both sides of each axis.
///   - outputPadding: What the output is longer at the end of each axis; less than the stride.
///   - dilation: The distance between the places of the kernel, 1 or more.
///   - groups: Into how many groups channels are divided.
///   - layout: Where the channels of x and the result are.
/// - Returns: `[N, O, h, w]` with h = (H − 1)·stride − 2·padding + dilation·(kh − 1) + outputPadding + 1. Costs
///   2·N·H·W·C·kh·kw·O / groups FLOP. Operands that do not fit are a mistake that `compile` reports.
public func convTranspose2d(
  _ x: Value, _ weights: Value, bias: Value? = nil, stride: Size2D = 1, padding: Size2D = 0,
  outputPadding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1, layout: ImageLayout = .channelsFirst,
  file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let geometry = ConvolutionGeometry(
    stride: stride, padding: padding, dilation: dilation, groups: groups)
  return ImageEdge(subject: "conv_transpose2d", layout: layout, site: SourceSite(file, line))
    .apply([x], weights: weights, bias: bias) { (types) throws(ShapeError) in
      let (images, kernel) = (types[0].shape, types[1].shape)
      let height = try transposedLength(
        images[1], kernel[0], stride.height, padding.height, outputPadding.height, dilation.height)
      let width = try transposedLength(
        images[2], kernel[1], stride.width, padding.width, outputPadding.width, dilation.width)
      return ConvolutionInputGradient(geometry, imageSize: Size2D(height, width))
    }
}

/// The length of a transposed convolution's output.
private func transposedLength(
  _ length: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ outputPadding: Int, _ dilation: Int
) throws(ShapeError) -> Int {
  let numbers = [length, kernel, stride, padding, outputPadding, dilation]
  guard numbers.allSatisfy({ $0 >= 0 && $0 <= Int(Int32.max) }) else {
    throw ShapeError(.attribute, "one of \(numbers) is negative or more than \(Int32.max)")
  }
  guard length >= 1 else { throw ShapeError(.dimension, "an empty image cannot be transposed") }
  guard outputPadding < Swift.max(stride, 1) else {
    throw ShapeError(
      .attribute, "an output padding of \(outputPadding) must be less than the stride \(stride)")
  }
  return (length - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1
}

/// ``DifferentiableOperator``: image x, weights w and image y enter the sum T = Σ x·w·y over all places that meet, each
/// convolution operator computes the derivative of T for one of the three from the other two, and so do their own
/// derivatives.
extension Convolution: DifferentiableOperator {
  /// The gradients for the image and for the weights, each an operator; the cotangent summed by channel for the bias.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let (x, weights, dy) = (context.inputs[0], context.inputs[1], context.dy)
    return [
      context.when(0) {
        context.apply(ConvolutionInputGradient(geometry, imageSize: plane(of: x)), dy, weights)
      },
      context.when(1) {
        context.apply(ConvolutionWeightGradient(geometry, kernelSize: kernelPlane(of: weights)), x, dy)
      },
    ] + biasCotangent(context)
  }
}

extension ConvolutionInputGradient: DifferentiableOperator {
  /// The convolution of the cotangent for y; the gradient for the weights with the cotangent in the place of the image.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let (y, weights, dx) = (context.inputs[0], context.inputs[1], context.dy)
    return [
      context.when(0) { context.apply(Convolution(geometry), dx, weights) },
      context.when(1) {
        context.apply(ConvolutionWeightGradient(geometry, kernelSize: kernelPlane(of: weights)), dx, y)
      },
    ] + biasCotangent(context)
  }
}

extension ConvolutionWeightGradient: DifferentiableOperator {
  /// The gradient for the image and the convolution, with the cotangent in the place of the weights.
  public func vjp(_ context: VJPContext) -> [Value?] {
    let (x, y, dw) = (context.inputs[0], context.inputs[1], context.dy)
    return [
      context.when(0) {
        context.apply(ConvolutionInputGradient(geometry, imageSize: plane(of: x)), y, dw)
      },
      context.when(1) { context.apply(Convolution(geometry), x, dw) },
    ]
  }
}

/// Height and width of images [N, H, W, C].
private func plane(of images: Value) -> Size2D { Size2D(images.shape[1], images.shape[2]) }

/// Height and width of weights [kh, kw, …].
private func kernelPlane(of weights: Value) -> Size2D { Size2D(weights.shape[0], weights.shape[1]) }

private func biasCotangent(_ context: VJPContext) -> [Value?] {
  guard context.inputs.count == 3 else { return [] }
  return [context.when(2) { reduce(.sum, context.dy, [0, 1, 2], false) }]
}
