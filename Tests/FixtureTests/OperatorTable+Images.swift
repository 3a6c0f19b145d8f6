import Tributary

extension OperatorTable {
  static let images: [String: Definition] = [
    "conv1d": { _, x, attributes in
      [
        conv1d(
          x[0], x[1], bias: x.count > 2 ? x[2] : nil, stride: try only(attributes, "stride"),
          padding: try only(attributes, "padding"), dilation: try only(attributes, "dilation"),
          groups: try attributes.integer("groups"))
      ]
    },
    "conv2d": { _, x, attributes in
      [
        conv2d(
          x[0], x[1], bias: x.count > 2 ? x[2] : nil, stride: try pair(attributes, "stride"),
          padding: try pair(attributes, "padding"), dilation: try pair(attributes, "dilation"),
          groups: try attributes.integer("groups"))
      ]
    },
    "conv_transpose2d": { _, x, attributes in
      [
        convTranspose2d(
          x[0], x[1], bias: x.count > 2 ? x[2] : nil, stride: try pair(attributes, "stride"),
          padding: try pair(attributes, "padding"), outputPadding: try pair(attributes, "output_padding"),
          dilation: try pair(attributes, "dilation"), groups: try attributes.integer("groups"))
      ]
    },
    "max_pool2d": { _, x, attributes in
      [
        maxPool2d(
          x[0], kernel: try pair(attributes, "kernel"), stride: try pair(attributes, "stride"),
          padding: try pair(attributes, "padding"), dilation: try pair(attributes, "dilation"))
      ]
    },
    "avg_pool2d": { _, x, attributes in
      [
        avgPool2d(
          x[0], kernel: try pair(attributes, "kernel"), stride: try pair(attributes, "stride"),
          padding: try pair(attributes, "padding"), countsPadding: try attributes.bool("count_include_pad"))
      ]
    },
    "adaptive_avg_pool2d": { _, x, attributes in
      [adaptiveAvgPool2d(x[0], outputSize: try pair(attributes, "output_size"))]
    },
    "global_avg_pool2d": { _, x, _ in [globalAvgPool2d(x[0])] },
  ]

  private static func only(_ attributes: Members, _ name: String) throws -> Int {
    let numbers = try attributes.integers(name)
    guard numbers.count == 1 else { throw FixtureError("\(name) is \(numbers)") }
    return numbers[0]
  }

  private static func pair(_ attributes: Members, _ name: String) throws -> Size2D {
    let numbers = try attributes.integers(name)
    guard numbers.count == 2 else { throw FixtureError("\(name) is \(numbers)") }
    return Size2D(numbers[0], numbers[1])
  }
}
