import TributaryOps

extension OperatorCase {
  /// Convolutions and pooling, over shapes that need several blocks, panels, tiles and tails.
  static var images: [OperatorCase] {
    var random = TestRandom(7)
    var cases: [OperatorCase] = []
    for dtype in [DType.float32, .float64] {
      for example in ConvolutionCase.all { cases += example.operators(dtype, &random) }
      for window in [
        PoolingWindow(2), PoolingWindow(Size2D(3, 2), stride: Size2D(2, 1), padding: 1),
        PoolingWindow(2, stride: 3), PoolingWindow(3, stride: 1, padding: 2, dilation: 2),
      ] {
        for channels in [3, 80] {
          let x = random.tensor(dtype, [3, 9, 8, channels])
          let z = random.tensor(dtype, [3, 9, 8, channels])
          guard let small = try? MaxPool(window).outputTypes(for: [x.type])[0].shape else { continue }
          cases += [
            OperatorCase(MaxPool(window), x), OperatorCase(MaxPoolPick(window), x, z),
            OperatorCase(MaxPoolGradient(window), x, random.tensor(dtype, small)),
          ]
        }
      }
      for windows in MeanWindows.examples {
        for channels in [3, 80] {
          let x = random.tensor(dtype, [3, 9, 8, channels])
          guard let small = try? MeanPool(windows).outputTypes(for: [x.type])[0].shape else { continue }
          cases += [
            OperatorCase(MeanPool(windows), x),
            OperatorCase(
              MeanPoolGradient(windows, imageSize: Size2D(9, 8)), random.tensor(dtype, small)),
          ]
        }
      }
    }
    return cases
  }
}

extension MeanWindows {
  static let examples: [MeanWindows] = [
    .kernel(2, stride: 2, padding: 0, countsPadding: true),
    .kernel(Size2D(3, 2), stride: Size2D(2, 1), padding: 1, countsPadding: true),
    .kernel(Size2D(3, 2), stride: Size2D(2, 1), padding: 1, countsPadding: false),
    .kernel(2, stride: 3, padding: 0, countsPadding: true), .bins(Size2D(4, 3)), .bins(Size2D(13, 8)),
    .bins(1),
  ]
}

/// The lengths of a convolution.
struct ConvolutionCase: Sendable, CustomStringConvertible {
  var images = 2
  var size: Size2D
  var channels: Int
  var outputs: Int
  var kernel: Size2D
  var geometry = ConvolutionGeometry()

  var description: String {
    let attributes = Convolution(geometry).attributes.map { "\($0.name) \($0.value)" }
    return "\(images)×\(size)×\(channels) by \(kernel) to \(outputs) \(attributes.joined(separator: ", "))"
  }

  static let all: [ConvolutionCase] = [
    ConvolutionCase(images: 3, size: Size2D(7, 5), channels: 3, outputs: 5, kernel: 3),
    ConvolutionCase(
      size: 12, channels: 17, outputs: 70, kernel: 3, geometry: ConvolutionGeometry(padding: 1)),
    // More places than one block holds.
    ConvolutionCase(
      size: Size2D(31, 40), channels: 2, outputs: 9, kernel: Size2D(3, 5),
      geometry: ConvolutionGeometry(padding: Size2D(1, 2))),
    ConvolutionCase(size: Size2D(9, 4), channels: 40, outputs: 33, kernel: 1),
    ConvolutionCase(
      size: Size2D(11, 9), channels: 4, outputs: 50, kernel: Size2D(4, 3),
      geometry: ConvolutionGeometry(stride: Size2D(2, 3), padding: 1)),
    // Places that no window meets, and a stride longer than the kernel.
    ConvolutionCase(
      size: Size2D(12, 13), channels: 3, outputs: 20, kernel: 2, geometry: ConvolutionGeometry(stride: 4)),
    ConvolutionCase(
      size: 10, channels: 6, outputs: 10, kernel: Size2D(3, 2),
      geometry: ConvolutionGeometry(stride: Size2D(2, 1), padding: Size2D(2, 1), dilation: Size2D(2, 3))),
    // Padding beyond the kernel.
    ConvolutionCase(
      size: Size2D(2, 3), channels: 2, outputs: 3, kernel: 2, geometry: ConvolutionGeometry(padding: 4)),
    ConvolutionCase(
      size: 8, channels: 6, outputs: 40, kernel: 3,
      geometry: ConvolutionGeometry(stride: 2, padding: 1, groups: 2)),
    ConvolutionCase(
      size: 6, channels: 4, outputs: 12, kernel: 3, geometry: ConvolutionGeometry(padding: 1, groups: 4)),
    ConvolutionCase(
      size: Size2D(7, 8), channels: 85, outputs: 85, kernel: 3,
      geometry: ConvolutionGeometry(padding: 1, groups: 85)),
    ConvolutionCase(
      size: Size2D(9, 8), channels: 5, outputs: 5, kernel: Size2D(2, 3),
      geometry: ConvolutionGeometry(stride: 2, padding: 1, dilation: 2, groups: 5)),
  ]

  /// x, weights and y, and the operators over them, with and without biases.
  func operators(_ dtype: DType, _ random: inout TestRandom) -> [OperatorCase] {
    let x = random.tensor(dtype, [images, size.height, size.width, channels])
    let weights = random.tensor(
      dtype, [kernel.height, kernel.width, channels / geometry.groups, outputs])
    let convolution = Convolution(geometry)
    guard let small = try? convolution.outputTypes(for: [x.type, weights.type])[0].shape else { return [] }
    let y = random.tensor(dtype, small)
    return [
      OperatorCase(convolution, x, weights),
      OperatorCase(convolution, x, weights, random.tensor(dtype, [outputs])),
      OperatorCase(ConvolutionInputGradient(geometry, imageSize: size), y, weights),
      OperatorCase(
        ConvolutionInputGradient(geometry, imageSize: size), y, weights, random.tensor(dtype, [channels])),
      OperatorCase(ConvolutionWeightGradient(geometry, kernelSize: kernel), x, y),
    ]
  }
}
