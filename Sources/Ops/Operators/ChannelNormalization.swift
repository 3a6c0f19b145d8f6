internal import CKernels

/// An operator over channels of a tensor: [outer, channels, inner] as seen from its channel axis.
public protocol ChannelNormalization: Operator {
  /// The axis of the channels, non-negative.
  var axis: Int { get }

  /// What is added to the variance.
  var epsilon: Double { get }
}

extension ChannelNormalization {
  /// What the operator was made with.
  public var attributes: [Attribute] { [Attribute("axis", axis), Attribute("epsilon", epsilon)] }

  /// The type of a value for each channel of x.
  func channels(of x: TensorType) throws(ShapeError) -> TensorType {
    try expectFloatingPoint(x)
    try expectAxes([axis], of: x.shape)
    try expectEpsilon(epsilon)
    return TensorType(x.dtype, [x.shape[axis]])
  }

  /// Throws unless inputs from an index on are values for each channel, named as given.
  func expectChannels(
    _ inputs: [TensorType], from first: Int, of x: TensorType, _ names: String...
  ) throws(ShapeError) {
    let type = try channels(of: x)
    for (input, what) in zip(inputs.dropFirst(first), names) { try expect(input, toBe: type, what) }
  }

  /// Throws unless there are so many inputs.
  func expect(_ inputs: [TensorType], counts: ClosedRange<Int>) throws(ShapeError) {
    guard counts.contains(inputs.count) else {
      throw ShapeError(
        .arity,
        "\(name) takes \(counts.lowerBound) to \(counts.upperBound) inputs and was given \(inputs.count)")
    }
  }

  /// The channels of a shape, and the part of them that is computed.
  func parameters(_ shape: Shape, channels: Range<Int>, outer: Range<Int>? = nil) -> ck_channels {
    let whole = 0..<(shape.elementCount == 0 ? 0 : shape[..<axis].reduce(1, *))
    let outer = outer ?? whole
    return ck_channels(
      channels: shape[axis], inner: max(shape[(axis + 1)...].reduce(1, *), 1), outer_begin: outer.lowerBound,
      outer_end: outer.upperBound, channel_begin: channels.lowerBound, channel_end: channels.upperBound,
      epsilon: epsilon)
  }

  /// The channel axis, of a value of x's shape or of one for each channel.
  func channelSplit(_ shape: Shape, axis place: Int) -> [SplitAxis] {
    let multiple = shape[(axis + 1)...].reduce(1, *) == 1 ? 16 : 1
    return shape[axis] > multiple ? [SplitAxis(place, multiple: multiple)] : []
  }

  /// A range of channels of a value: of x's shape or one for each channel.
  func region(of type: TensorType, channels: Range<Int>) -> Region {
    Region(whole: type.shape).replacing(axis: type.rank == 1 ? 0 : axis, with: channels)
  }
}

/// Channels normalised by the mean and variance of the batch: y = (x − mean) / √(variance + epsilon) · weight + bias.
/// Batch normalisation while training (Ioffe and Szegedy 2015).
///
/// Inputs are x, f32 or f64, and optionally a weight and then a bias, [C], of x's element type. Outputs are y of x's
/// type, and mean and (biased) variance, [C]. Both are found in one pass over memory, by the merging of blocks after
/// Chan, Golub and LeVeque (1983); a second pass writes y. Costs about 8 operations an element.
public struct BatchNormalize: ChannelNormalization, Hashable {
  /// The axis of the channels, non-negative.
  public let axis: Int

  /// What is added to the variance.
  public let epsilon: Double

  /// A normalisation with its attributes.
  public init(axis: Int = 1, epsilon: Double = 1e-5) {
    self.axis = axis
    self.epsilon = epsilon
  }

  /// `batch_norm`.
  public var name: String { "batch_norm" }

  /// The type of x, and twice [C].
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, counts: 1...3)
    try expectChannels(inputs, from: 1, of: inputs[0], "weight", "bias")
    let channels = try channels(of: inputs[0])
    guard inputs[0].elementCount > 0 || channels.elementCount == 0 else {
      throw ShapeError(.dimension, "\(name): the channels of \(inputs[0]) have no elements to take a mean of")
    }
    return [inputs[0], channels, channels]
  }

  /// About 8 operations an element; x is read twice.
  public func cost(_ signature: Signature) -> Cost {
    var cost = Cost.streaming(signature, flopsPerElement: 8)
    cost.bytesRead += Double(signature.inputs[0].byteCount)
    return cost
  }

  /// The channels.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    channelSplit(signature.inputs[0].shape, axis: axis)
  }

  /// The same channels.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    self.region(of: signature.inputs[index], channels: region[axis])
  }

  /// The same channels.
  public func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    self.region(of: signature.outputs[index], channels: region[axis])
  }

  /// y may take the place of x: a channel is read before it is written.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool {
    input == 0 && output == 0
  }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let parameters = parameters(signature.inputs[0].shape, channels: region[axis])
    let (level, dtype, count) = (
      VectorLevel.current.level, signature.inputs[0].dtype.code, signature.inputs.count
    )
    return Kernel { arguments in
      let p = arguments.pointers
      withUnsafePointer(to: parameters) {
        ck_batch_norm(
          level, dtype, $0, 1, p[0], p[count + 1], p[count + 2], count > 1 ? p[1] : nil,
          count > 2 ? p[2] : nil,
          p[count])
      }
      return .success
    }
  }
}

/// Channels normalised by a mean and a variance that are given: batch normalisation after training.
///
/// Inputs are x, f32 or f64, mean and variance, [C], and optionally a weight and then a bias, [C]; the output is
/// (x − mean) / √(variance + epsilon) · weight + bias. One pass over memory, about 3 operations an element.
public struct BatchNormalizeInference: ChannelNormalization, Hashable {
  /// The axis of the channels, non-negative.
  public let axis: Int

  /// What is added to the variance.
  public let epsilon: Double

  /// A normalisation with its attributes.
  public init(axis: Int = 1, epsilon: Double = 1e-5) {
    self.axis = axis
    self.epsilon = epsilon
  }

  /// `batch_norm_inference`.
  public var name: String { "batch_norm_inference" }

  /// The type of x.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, counts: 3...5)
    try expectChannels(inputs, from: 1, of: inputs[0], "mean", "variance", "weight", "bias")
    return [inputs[0]]
  }

  /// About 3 operations an element.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 3) }

  /// The first axis and the channels.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    let shape = signature.inputs[0].shape
    return (axis > 0 && shape[0] > 1 ? [SplitAxis(0)] : []) + channelSplit(shape, axis: axis)
  }

  /// The same region, or its channels.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    guard index > 0 else { return region }
    return self.region(of: signature.inputs[index], channels: region[axis])
  }

  /// The output may take the place of x.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { input == 0 }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let shape = signature.inputs[0].shape
    let scale = axis == 0 ? 1 : shape[1..<axis].reduce(1, *)
    let outer = axis == 0 ? 0..<1 : region[0].lowerBound * scale..<region[0].upperBound * scale
    let parameters = parameters(shape, channels: region[axis], outer: outer)
    let (level, dtype, count) = (
      VectorLevel.current.level, signature.inputs[0].dtype.code, signature.inputs.count
    )
    return Kernel { arguments in
      let p = arguments.pointers
      withUnsafePointer(to: parameters) {
        ck_batch_norm(
          level, dtype, $0, 0, p[0], p[1], p[2], count > 3 ? p[3] : nil, count > 4 ? p[4] : nil, p[count])
      }
      return .success
    }
  }
}
