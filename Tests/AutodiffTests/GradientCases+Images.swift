import TributaryAutodiff
import TributaryOps

extension GradientCase {
  static let images: [GradientCase] = convolutions + transposedConvolutions + directConvolutions + pools

  private static let geometries: [(name: String, x: Shape, weights: Shape, ConvolutionGeometry)] = [
    ("plain", [2, 2, 4, 3], [3, 2, 2, 2], ConvolutionGeometry()),
    ("padded", [1, 2, 3, 4], [2, 2, 3, 3], ConvolutionGeometry(padding: 1)),
    ("strided", [1, 2, 5, 6], [2, 2, 3, 2], ConvolutionGeometry(stride: Size2D(2, 3), padding: 1)),
    ("dilated", [1, 1, 5, 4], [2, 1, 2, 2], ConvolutionGeometry(padding: 1, dilation: Size2D(3, 2))),
    ("grouped", [1, 4, 3, 3], [4, 2, 2, 2], ConvolutionGeometry(padding: 1, groups: 2)),
    ("depthwise", [2, 3, 3, 3], [3, 1, 2, 2], ConvolutionGeometry(stride: 2, padding: 1, groups: 3)),
    ("multiplied depthwise", [1, 2, 3, 3], [4, 1, 2, 2], ConvolutionGeometry(groups: 2)),
  ]

  private static let convolutions: [GradientCase] =
    geometries.flatMap { name, x, weights, geometry in
      ImageLayout.allCases.map { layout in
        let images = layout == .channelsFirst ? x : [x[0], x[2], x[3], x[1]]
        return GradientCase(
          "conv2d \(name) \(layout)",
          points: { [try $0.tensor(images), try $0.tensor(weights), try $0.tensor([weights[0]])] },
          { _, v in
            conv2d(
              v[0], v[1], bias: v[2], stride: geometry.stride, padding: geometry.padding,
              dilation: geometry.dilation, groups: geometry.groups, layout: layout)
          })
      }
    } + [
      GradientCase(
        "conv2d squared", points: { [try $0.tensor([1, 2, 3, 3]), try $0.tensor([2, 2, 2, 2])] },
        { _, v in square(conv2d(v[0], v[1], padding: 1)) }),
      GradientCase(
        "conv1d", points: { [try $0.tensor([2, 2, 5]), try $0.tensor([3, 2, 2]), try $0.tensor([3])] },
        { _, v in conv1d(v[0], v[1], bias: v[2], stride: 2, padding: 1) }),
      GradientCase(
        "conv1d channels last", points: { [try $0.tensor([2, 5, 4]), try $0.tensor([2, 2, 3])] },
        { _, v in square(conv1d(v[0], v[1], dilation: 2, groups: 2, layout: .channelsLast)) }),
    ]

  private static let transposedConvolutions: [GradientCase] = [
    GradientCase(
      "conv transpose",
      points: { [try $0.tensor([1, 2, 3, 2]), try $0.tensor([2, 3, 2, 3]), try $0.tensor([3])] },
      { _, v in
        convTranspose2d(v[0], v[1], bias: v[2], stride: Size2D(2, 3), padding: 1, outputPadding: Size2D(1, 2))
      }),
    GradientCase(
      "conv transpose in groups, channels last",
      points: { [try $0.tensor([1, 2, 3, 4]), try $0.tensor([4, 1, 2, 2])] },
      { _, v in
        square(convTranspose2d(v[0], v[1], dilation: 2, groups: 2, layout: .channelsLast))
      }),
  ]

  private static let directConvolutions: [GradientCase] = [
    GradientCase(
      "conv weight gradient", points: { [try $0.tensor([2, 4, 3, 2]), try $0.tensor([2, 2, 2, 3])] },
      { g, v in
        g.apply(
          ConvolutionWeightGradient(ConvolutionGeometry(stride: 2, padding: 1), kernelSize: 3), to: v[0], v[1]
        )
      }),
    GradientCase(
      "conv input gradient", points: { [try $0.tensor([2, 2, 2, 3]), try $0.tensor([3, 3, 2, 3])] },
      { g, v in
        square(
          g.apply(
            ConvolutionInputGradient(
              ConvolutionGeometry(stride: 2, padding: 1), imageSize: Size2D(4, 3)), to: v[0], v[1]))
      }),
  ]

  private static let pools: [GradientCase] = [
    GradientCase(
      "max pool", points: { [try $0.distinct([1, 2, 5, 4])] },
      { _, v in square(maxPool2d(v[0], kernel: 2)) }),
    GradientCase(
      "overlapping max pool", points: { [try $0.distinct([1, 5, 4, 2])] },
      { _, v in
        square(maxPool2d(v[0], kernel: 3, stride: Size2D(1, 2), padding: 1, layout: .channelsLast))
      }),
    GradientCase(
      "dilated max pool", points: { [try $0.distinct([1, 1, 5, 5])] },
      { _, v in square(maxPool2d(v[0], kernel: 2, stride: 1, padding: 1, dilation: 2)) }),
    GradientCase(
      "max pool gradient and pick", points: { [try $0.tensor([1, 2, 2, 1]), try $0.tensor([1, 4, 4, 1])] },
      { g, v in
        let x = g.constant(Tensor.steps([1, 4, 4, 1]))
        let window = PoolingWindow(2)
        return square(g.apply(MaxPoolGradient(window), to: x, v[0]) + v[1])
          * broadcast(sum(square(g.apply(MaxPoolPick(window), to: x, v[1]))), to: [1, 4, 4, 1])
      }),
    GradientCase(
      "average pool", points: { [try $0.tensor([1, 2, 5, 4])] },
      { _, v in square(avgPool2d(v[0], kernel: Size2D(3, 2), stride: Size2D(2, 1), padding: 1)) }),
    GradientCase(
      "average pool of what is inside", points: { [try $0.tensor([1, 5, 4, 2])] },
      { _, v in
        square(
          avgPool2d(
            v[0], kernel: 3, stride: 1, padding: 1, countsPadding: false, layout: .channelsLast))
      }),
    GradientCase(
      "adaptive average pool", points: { [try $0.tensor([1, 2, 5, 3])] },
      { _, v in square(adaptiveAvgPool2d(v[0], outputSize: Size2D(2, 4))) }),
    GradientCase(
      "global average pool", points: { [try $0.tensor([2, 2, 3, 3])] },
      { _, v in square(globalAvgPool2d(v[0])) }),
  ]
}

extension Tensor {
  /// 0, 5, 10, … modulo 16: distinct numbers out of order.
  fileprivate static func steps(_ shape: Shape) -> Tensor {
    guard let tensor = try? Tensor((0..<shape.elementCount).map { Double($0 * 5 % 16) }, shape: shape) else {
      return Tensor(0.0)
    }
    return tensor
  }
}
