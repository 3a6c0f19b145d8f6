public import TributaryOps

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
