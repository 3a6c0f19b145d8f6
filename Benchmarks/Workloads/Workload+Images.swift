internal import Tributary

/// Convolutional networks, channels last inside.
extension Workload {
  /// Two times a convolution 3×3, ReLU and a maximum of 2×2; then dense layers.
  static let cnn = Workload(
    "cnn", ["image": [28], "channels": [32, 64], "hidden": [128], "classes": [10], "batch": [64]]
  ) { (model, sizes) throws(WorkloadError) in
    let image = try sizes.count("image")
    let batch = try sizes.count("batch")
    let channels = try sizes.counts("channels")
    let classes = try sizes.count("classes")
    var h = channelsLast(model.input("x", [batch, 1, image, image]))
    for (index, (inputs, outputs)) in zip([1] + channels, channels).enumerated() {
      h = model.convolution("conv\(index + 1)", h, inputs, outputs, kernel: 3)
      h = maxPool2d(h, kernel: 2, layout: .channelsLast)
    }
    // The dense layers' weights count features channels first.
    let features = Flatten()(transpose(h, permutation: [0, 3, 1, 2]))
    let dims = [features.shape[1], try sizes.count("hidden"), classes]
    return crossEntropy(
      model.dense(features, dims, { relu($0) }), model.input("y", [batch], .classes(classes)))
  }

  /// Blocks of four branches side by side, joined along the channels.
  static let inception = Workload(
    "inception",
    [
      "image": [32], "stem": [64], "branches": [32, 24, 32, 16, 32, 32], "blocks": [3], "classes": [10],
      "batch": [16],
    ]
  ) { (model, sizes) throws(WorkloadError) in
    let image = try sizes.count("image")
    let batch = try sizes.count("batch")
    let branches = try sizes.counts("branches")
    guard branches.count == 6 else {
      throw WorkloadError(.configuration, "\"branches\" must have 6 numbers and has \(branches.count)")
    }
    var channels = try sizes.count("stem")
    var h = channelsLast(model.input("x", [batch, 3, image, image]))
    h = model.convolution("stem", h, 3, channels, kernel: 3)
    for block in 0..<(try sizes.count("blocks")) {
      func convolved(_ part: String, _ x: Value, _ inputs: Int, _ outputs: Int, _ kernel: Int) -> Value {
        model.convolution("block\(block).\(part)", x, inputs, outputs, kernel: kernel)
      }
      let one = convolved("one", h, channels, branches[0], 1)
      let narrow = convolved("three.reduce", h, channels, branches[1], 1)
      let three = convolved("three", narrow, branches[1], branches[2], 3)
      let narrower = convolved("five.reduce", h, channels, branches[3], 1)
      let five = convolved("five", narrower, branches[3], branches[4], 5)
      let largest = maxPool2d(h, kernel: 3, stride: 1, padding: 1, layout: .channelsLast)
      let pool = convolved("pool", largest, channels, branches[5], 1)
      h = concat([one, three, five, pool], axis: -1)
      channels = branches[0] + branches[2] + branches[4] + branches[5]
    }
    let classes = try sizes.count("classes")
    let weight = model.weight("w", channels, classes)
    let logits =
      matmul(globalAvgPool2d(h, layout: .channelsLast), weight) + model.bias("b", classes)
    return crossEntropy(logits, model.input("y", [batch], .classes(classes)))
  }
}

private func channelsLast(_ x: Value) -> Value { transpose(x, permutation: [0, 2, 3, 1]) }

extension WorkloadModel {
  /// A convolution of channels-last images with half the kernel as padding, and ReLU: parameters `name.w`, `name.b`.
  fileprivate mutating func convolution(
    _ name: String, _ x: Value, _ inputs: Int, _ outputs: Int, kernel: Int
  ) -> Value {
    let deviation = 1 / Double(inputs * kernel * kernel).squareRoot()
    let weight = parameter("\(name).w", [outputs, inputs, kernel, kernel], .normal(deviation))
    let bias = bias("\(name).b", outputs)
    let half = kernel / 2
    return relu(conv2d(x, weight, bias: bias, padding: Size2D(half, half), layout: .channelsLast))
  }
}
