import TributaryAutodiff
import TributaryOps

extension OperatorFamily {
  private static func wildGeometry(_ d: inout Draw) -> ConvolutionGeometry {
    ConvolutionGeometry(
      stride: d.plane(), padding: d.coin() ? 0 : d.plane(), dilation: d.plane(),
      groups: d.coin() ? 1 : d.integer())
  }

  private static func wildWindow(_ d: inout Draw) -> PoolingWindow {
    PoolingWindow(d.plane(), stride: d.coin() ? nil : d.plane(), padding: d.coin() ? 0 : d.plane())
  }

  private static func wildMean(_ d: inout Draw) -> MeanWindows {
    d.coin()
      ? .bins(d.plane())
      : .kernel(d.plane(), stride: d.plane(), padding: d.coin() ? 0 : d.plane(), countsPadding: d.coin())
  }

  /// The operands of a convolution: images, weights, and a result.
  private static func convolution(
    _ d: inout Draw
  ) throws -> (geometry: ConvolutionGeometry, x: Tensor, weights: Tensor, y: Shape) {
    let kernel = Size2D(1 + d.below(3), 1 + d.below(3))
    let groups = 1 + d.below(2)
    let geometry = ConvolutionGeometry(
      stride: Size2D(1 + d.below(2), 1 + d.below(2)), padding: Size2D(d.below(2), d.below(2)),
      dilation: Size2D(1 + d.below(2), 1), groups: groups)
    let more = d.size > 100 ? 7 : 2
    let height = (kernel.height - 1) * geometry.dilation.height + 1 + d.below(more)
    let x: Shape = [d.below(3), height, kernel.width + d.below(more), groups * (1 + d.below(more))]
    let weights: Shape = [kernel.height, kernel.width, x[3] / groups, groups * (1 + d.below(more))]
    let y = try Convolution(geometry).outputTypes(for: [
      TensorType(.float64, x), TensorType(.float64, weights),
    ])
    return (geometry, try d.tensor(x), try d.tensor(weights), y[0].shape)
  }

  private static func pooled(_ d: inout Draw) -> (x: Shape, window: PoolingWindow) {
    let kernel = Size2D(1 + d.below(3), 1 + d.below(3))
    let window = PoolingWindow(
      kernel, stride: d.coin() ? nil : Size2D(1 + d.below(3), 1 + d.below(3)),
      padding: Size2D(d.below(kernel.height), d.below(kernel.width)))
    let more = d.size > 100 ? 9 : 3
    return (
      [d.below(3), kernel.height + d.below(more), kernel.width + d.below(more), 1 + d.below(more)], window
    )
  }

  private static func means(_ d: inout Draw) -> (x: Shape, windows: MeanWindows) {
    let (x, window) = pooled(&d)
    let windows: MeanWindows =
      d.coin()
      ? .bins(Size2D(1 + d.below(4), 1 + d.below(4)))
      : .kernel(
        window.kernel, stride: window.stride, padding: window.padding, countsPadding: d.coin())
    return (x, windows)
  }

  /// Convolutions and pooling, channels last.
  static let images: [OperatorFamily] = [
    OperatorFamily("Convolution", wild: { Convolution(wildGeometry(&$0)) }) { d in
      let (geometry, x, weights, y) = try convolution(&d)
      return OperatorUse(
        Convolution(geometry), [x, weights] + (d.coin() ? [try d.tensor([y[3]])] : []))
    },
    OperatorFamily(
      "ConvolutionInputGradient",
      wild: { ConvolutionInputGradient(wildGeometry(&$0), imageSize: $0.plane()) }
    ) { d in
      let (geometry, x, weights, y) = try convolution(&d)
      let bias = d.coin() ? [try d.tensor([x.shape[3]])] : []
      return OperatorUse(
        ConvolutionInputGradient(geometry, imageSize: Size2D(x.shape[1], x.shape[2])),
        [try d.tensor(y), weights] + bias)
    },
    OperatorFamily(
      "ConvolutionWeightGradient",
      wild: { ConvolutionWeightGradient(wildGeometry(&$0), kernelSize: $0.plane()) }
    ) { d in
      let (geometry, x, weights, y) = try convolution(&d)
      return OperatorUse(
        ConvolutionWeightGradient(geometry, kernelSize: Size2D(weights.shape[0], weights.shape[1])),
        [x, try d.tensor(y)])
    },
    OperatorFamily("MaxPool", wild: { MaxPool(wildWindow(&$0)) }) { d in
      let (x, window) = pooled(&d)
      return OperatorUse(MaxPool(window), [try d.numbers.distinct(x)])
    },
    OperatorFamily("MaxPoolPick", wild: { MaxPoolPick(wildWindow(&$0)) }) { d in
      let (x, window) = pooled(&d)
      return OperatorUse(MaxPoolPick(window), [try d.numbers.distinct(x), try d.tensor(x)])
    },
    OperatorFamily("MaxPoolGradient", wild: { MaxPoolGradient(wildWindow(&$0)) }) { d in
      let (x, window) = pooled(&d)
      let y = try MaxPool(window).outputTypes(for: [TensorType(.float64, x)])[0].shape
      return OperatorUse(MaxPoolGradient(window), [try d.numbers.distinct(x), try d.tensor(y)])
    },
    OperatorFamily("MeanPool", wild: { MeanPool(wildMean(&$0)) }) { d in
      let (x, windows) = means(&d)
      return OperatorUse(MeanPool(windows), [try d.tensor(x)])
    },
    OperatorFamily(
      "MeanPoolGradient", wild: { MeanPoolGradient(wildMean(&$0), imageSize: $0.plane()) }
    ) { d in
      let (x, windows) = means(&d)
      let y = try MeanPool(windows).outputTypes(for: [TensorType(.float64, x)])[0].shape
      return OperatorUse(
        MeanPoolGradient(windows, imageSize: Size2D(x[1], x[2])), [try d.tensor(y)])
    },
  ]
}
