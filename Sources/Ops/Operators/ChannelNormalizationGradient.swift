internal import CKernels

/// The gradient of ``BatchNormalize`` by x, weight and bias in one operator: with h = (x − mean) / √(variance + epsilon),
/// dweight = Σ dy·h, dbias = Σ dy, dx = (dy − dbias/n − h·dweight/n) · weight / √(variance + epsilon), n being the elements of
/// a channel.
///
/// Inputs are dy and x of one type, mean and variance, [C], and optionally the weight, [C]. Outputs are dx, dweight and
/// dbias. Two passes over memory; about 12 operations an element.
public struct BatchNormalizeGradient: ChannelNormalization, Hashable {
  /// The axis of the channels, non-negative.
  public let axis: Int

  /// What was added to the variance.
  public let epsilon: Double

  /// A gradient with the attributes of the normalisation.
  public init(axis: Int = 1, epsilon: Double = 1e-5) {
    self.axis = axis
    self.epsilon = epsilon
  }

  /// `batch_norm_gradient`.
  public var name: String { "batch_norm_gradient" }

  /// The type of x, and twice [C].
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, counts: 4...5)
    try expectChannels(inputs, from: 2, of: inputs[1], "mean", "variance", "weight")
    try expect(inputs[0], toBe: inputs[1], "cotangent")
    return [inputs[1], inputs[2], inputs[2]]
  }

  /// About 12 operations an element; dy and x are read twice.
  public func cost(_ signature: Signature) -> Cost {
    var cost = Cost.streaming(signature, flopsPerElement: 12)
    cost.bytesRead += 2 * Double(signature.inputs[1].byteCount)
    return cost
  }

  /// The channels.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    channelSplit(signature.inputs[1].shape, axis: axis)
  }

  /// The same channels.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    self.region(of: signature.inputs[index], channels: region[axis])
  }

  /// The same channels.
  public func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    self.region(of: signature.outputs[index], channels: region[axis])
  }

  /// dx may take the place of dy or x: a channel is read before it is written.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool {
    input < 2 && output == 0
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let parameters = parameters(signature.inputs[1].shape, channels: region[axis])
    let (level, dtype, count) = (
      VectorLevel.current.level, signature.inputs[1].dtype.code, signature.inputs.count
    )
    return Kernel { arguments in
      let p = arguments.pointers
      withUnsafePointer(to: parameters) {
        ck_batch_norm_gradient(
          level, dtype, $0, p[0], p[1], p[2], p[3], count > 4 ? p[4] : nil, p[count], p[count + 1],
          p[count + 2])
      }
      return .success
    }
  }
}

/// Sums over channels: Σ dy·(x − mean) / √(variance + epsilon), which is the gradient of ``BatchNormalizeInference`` by the
/// weight, and Σ dy, that by the bias.
///
/// Inputs are dy and x of one type, mean and variance, [C]; both outputs are [C]. One pass over memory, about 5
/// operations an element. Sums are kept in double beyond blocks of about a thousand elements.
public struct BatchNormalizeSums: ChannelNormalization, Hashable {
  /// The axis of the channels, non-negative.
  public let axis: Int

  /// What was added to the variance.
  public let epsilon: Double

  /// Sums with the attributes of the normalisation.
  public init(axis: Int = 1, epsilon: Double = 1e-5) {
    self.axis = axis
    self.epsilon = epsilon
  }

  /// `batch_norm_sums`.
  public var name: String { "batch_norm_sums" }

  /// Twice [C].
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 4)
    try expectChannels(inputs, from: 2, of: inputs[1], "mean", "variance")
    try expect(inputs[0], toBe: inputs[1], "cotangent")
    return [inputs[2], inputs[2]]
  }

  /// About 5 operations an element.
  public func cost(_ signature: Signature) -> Cost {
    Cost(
      flops: 5 * Double(signature.inputs[1].elementCount),
      bytesRead: Double(signature.inputs.reduce(0) { $0 + $1.byteCount }),
      bytesWritten: Double(signature.outputs.reduce(0) { $0 + $1.byteCount }))
  }

  /// The channels.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    channelSplit(signature.inputs[1].shape, axis: 0)
  }

  /// The same channels.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    self.region(of: signature.inputs[index], channels: region[0])
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let parameters = parameters(signature.inputs[1].shape, channels: region[0])
    let (level, dtype) = (VectorLevel.current.level, signature.inputs[1].dtype.code)
    return Kernel { arguments in
      let p = arguments.pointers
      withUnsafePointer(to: parameters) {
        ck_batch_norm_gradient(level, dtype, $0, p[0], p[1], p[2], p[3], nil, nil, p[4], p[5])
      }
      return .success
    }
  }
}
