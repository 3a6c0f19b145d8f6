internal import Tributary
internal import TributaryMeasuring

extension OperatorSubject {
  /// Convolutions and pooling, channels last on both sides.
  static let images: [OperatorSubject] = [
    convolution("3×3", [3, 3], "F.conv2d(x[0], x[1], x[2], padding=1)") { x in
      conv2d(x[0], x[1], bias: x[2], padding: 1, layout: .channelsLast)
    },
    convolution("1×1", [1, 1], "F.conv2d(x[0], x[1], x[2])") { x in
      conv2d(x[0], x[1], bias: x[2], layout: .channelsLast)
    },
    convolution("3×3, stride 2", [3, 3], "F.conv2d(x[0], x[1], x[2], padding=1, stride=2)") { x in
      conv2d(x[0], x[1], bias: x[2], stride: 2, padding: 1, layout: .channelsLast)
    },
    OperatorSubject(
      "conv2d", "depthwise 3×3", goal: .convolutions,
      "F.conv2d(x[0], x[1], padding=1, groups=x[0].shape[1])",
      { size in
        let shape = pictures(size)
        return [
          CaseInput(shape, layout: .images), CaseInput([shape[3], 1, 3, 3], layout: .filters),
        ]
      }, gradient: [0, 1],
      { _, x in [conv2d(x[0], x[1], padding: 1, groups: x[0].shape[3], layout: .channelsLast)] }),
    OperatorSubject(
      "conv_transpose2d", "3×3, stride 2", goal: .convolutions,
      "F.conv_transpose2d(x[0], x[1], padding=1, stride=2, output_padding=1)",
      { size in
        let shape = pictures(size)
        return [
          CaseInput(shape, layout: .images), CaseInput([shape[3], shape[3], 3, 3], layout: .filters),
        ]
      }, gradient: [0, 1],
      { _, x in
        [convTranspose2d(x[0], x[1], stride: 2, padding: 1, outputPadding: 1, layout: .channelsLast)]
      }),
    OperatorSubject(
      "conv1d", "5", goal: .convolutions, "F.conv1d(x[0], x[1], x[2], padding=2)",
      { size in
        let shape = size.pick([1, 64, 16], [4, 256, 32], [16, 4096, 64])
        return [
          CaseInput(shape, layout: .sequences), CaseInput([shape[2], shape[2], 5]), CaseInput([shape[2]]),
        ]
      }, gradient: [0, 1, 2],
      { _, x in [conv1d(x[0], x[1], bias: x[2], padding: 2, layout: .channelsLast)] }),
    pooling("max_pool2d", "2×2", "F.max_pool2d(x[0], 2)") {
      maxPool2d($0, kernel: 2, layout: .channelsLast)
    },
    pooling("max_pool2d", "3×3, stride 1", "F.max_pool2d(x[0], 3, 1, 1)") {
      maxPool2d($0, kernel: 3, stride: 1, padding: 1, layout: .channelsLast)
    },
    pooling("avg_pool2d", "2×2", "F.avg_pool2d(x[0], 2)") {
      avgPool2d($0, kernel: 2, layout: .channelsLast)
    },
    pooling("adaptive_avg_pool2d", "4×4", "F.adaptive_avg_pool2d(x[0], 4)") {
      adaptiveAvgPool2d($0, outputSize: 4, layout: .channelsLast)
    },
    pooling("global_avg_pool2d", "", "x[0].mean((2, 3))") { globalAvgPool2d($0, layout: .channelsLast) },
  ]

  /// Images [N, H, W, C].
  private static let pictures: @Sendable (ShapeClass) -> [Int] = {
    $0.pick([1, 8, 8, 16], [4, 16, 16, 32], [32, 56, 56, 64])
  }

  private static func convolution(
    _ variant: String, _ kernel: [Int], _ call: String, _ function: @escaping @Sendable ([Value]) -> Value
  ) -> OperatorSubject {
    OperatorSubject(
      "conv2d", variant, goal: .convolutions, call,
      { size in
        let shape = pictures(size)
        return [
          CaseInput(shape, layout: .images), CaseInput([shape[3], shape[3]] + kernel, layout: .filters),
          CaseInput([shape[3]]),
        ]
      }, gradient: [0, 1, 2], { _, x in [function(x)] })
  }

  private static func pooling(
    _ name: String, _ variant: String, _ call: String, _ function: @escaping @Sendable (Value) -> Value
  ) -> OperatorSubject {
    OperatorSubject(
      name, variant, goal: .peer, call, { [CaseInput(pictures($0), layout: .images)] }, gradient: [0],
      { _, x in [function(x[0])] })
  }
}
