public import TributaryAutodiff
public import TributaryOps

/// Normalises the last axes to mean 0 and variance 1 and applies a weight and a bias (Ba, Kiros and Hinton 2016); see
/// `layerNorm`.
public struct LayerNorm: Layer {
  /// The axes' lengths, the last ones of what the layer is applied to.
  public let shape: Shape

  /// Added to the variance.
  public let epsilon: Double

  /// The weight, of the axes' shape; nil without one.
  public let weight: Parameter?

  /// The bias, of the axes' shape; nil without one.
  public let bias: Parameter?

  /// A normalisation of axes of these lengths; weights begin with ones, biases with zeros.
  /// - Parameters:
  ///   - shape: The lengths of the last axes.
  ///   - epsilon: Added to the variance.
  ///   - affine: Whether there is a weight.
  ///   - bias: Whether there is a bias too.
  ///   - dtype: f32 or f64.
  public init(
    _ shape: Shape, epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true, dtype: DType = .float32
  ) {
    self.shape = shape
    self.epsilon = epsilon
    weight = affine ? Parameter(shape, dtype: dtype, initial: .constant(1)) : nil
    self.bias = affine && bias ? Parameter(shape, dtype: dtype, initial: .constant(0)) : nil
  }

  /// Applies the normalisation; the type stays.
  public func callAsFunction(_ x: Value) -> Value {
    layerNorm(
      x, weight: weight?.value(in: x.builder), bias: bias?.value(in: x.builder), normalizedRank: shape.rank,
      epsilon: epsilon)
  }
}

/// Divides the last axes by the root of their mean square and applies a weight (Zhang and Sennrich 2019); see `rmsNorm`.
public struct RMSNorm: Layer {
  /// The axes' lengths, the last ones of what the layer is applied to.
  public let shape: Shape

  /// Added to the mean of squares.
  public let epsilon: Double

  /// The weight, of the axes' shape; nil without one.
  public let weight: Parameter?

  /// A normalisation of axes of these lengths; weights begin with ones.
  public init(_ shape: Shape, epsilon: Double = 1e-5, affine: Bool = true, dtype: DType = .float32) {
    self.shape = shape
    self.epsilon = epsilon
    weight = affine ? Parameter(shape, dtype: dtype, initial: .constant(1)) : nil
  }

  /// Applies the normalisation; the type stays.
  public func callAsFunction(_ x: Value) -> Value {
    rmsNorm(x, weight: weight?.value(in: x.builder), normalizedRank: shape.rank, epsilon: epsilon)
  }
}

/// Normalises groups of channels of `[N, C, …]`, each sample by itself, and applies a weight and a bias for each channel
/// (Wu and He 2018); see `groupNorm`.
public struct GroupNorm: Layer {
  /// How many groups, a divisor of the channels.
  public let groups: Int

  /// Added to the variance.
  public let epsilon: Double

  /// The weight, `[C]`; nil without one.
  public let weight: Parameter?

  /// The bias, `[C]`; nil without one.
  public let bias: Parameter?

  /// A normalisation of so many groups and channels; weights begin with ones, biases with zeros.
  public init(
    groups: Int, channels: Int, epsilon: Double = 1e-5, affine: Bool = true, dtype: DType = .float32
  ) {
    self.groups = groups
    self.epsilon = epsilon
    weight = affine ? Parameter([channels], dtype: dtype, initial: .constant(1)) : nil
    bias = affine ? Parameter([channels], dtype: dtype, initial: .constant(0)) : nil
  }

  /// Applies the normalisation; the type stays.
  public func callAsFunction(_ x: Value) -> Value {
    groupNorm(
      x, groups: groups, weight: weight?.value(in: x.builder), bias: bias?.value(in: x.builder),
      epsilon: epsilon)
  }
}

/// Normalises channels and applies a weight and a bias for each (Ioffe and Szegedy 2015): by the batch's mean and variance
/// in training, where the running statistics are assigned anew, and by these in inference (``LayerMode``); see
/// `batchNorm` and `batchNormInference`.
///
/// A graph that trains applies the layer once, since a state is assigned once a step.
public struct BatchNorm: Layer {
  /// The axis of the channels.
  public let axis: Int

  /// The share of the batch in new running statistics.
  public let momentum: Double

  /// Added to the variance.
  public let epsilon: Double

  /// The weight, `[C]`; nil without one.
  public let weight: Parameter?

  /// The bias, `[C]`; nil without one.
  public let bias: Parameter?

  /// The running mean, `[C]`, 0 at first.
  public let runningMean: Statistic

  /// The running variance, `[C]`, 1 at first.
  public let runningVariance: Statistic

  /// A normalisation of so many channels; weights begin with ones, biases with zeros.
  public init(
    _ channels: Int, axis: Int = 1, momentum: Double = 0.1, epsilon: Double = 1e-5, affine: Bool = true,
    dtype: DType = .float32
  ) {
    self.axis = axis
    self.momentum = momentum
    self.epsilon = epsilon
    weight = affine ? Parameter([channels], dtype: dtype, initial: .constant(1)) : nil
    bias = affine ? Parameter([channels], dtype: dtype, initial: .constant(0)) : nil
    runningMean = Statistic([channels], dtype: dtype, initial: .constant(0))
    runningVariance = Statistic([channels], dtype: dtype, initial: .constant(1))
  }

  /// Applies the normalisation; the type stays.
  public func callAsFunction(_ x: Value) -> Value {
    let (w, b) = (weight?.value(in: x.builder), bias?.value(in: x.builder))
    let mean = runningMean.value(in: x.builder)
    let variance = runningVariance.value(in: x.builder)
    guard LayerMode.current == .training else {
      return batchNormInference(
        x, weight: w, bias: b, mean: mean, variance: variance, epsilon: epsilon, axis: axis)
    }
    let result = batchNorm(
      x, weight: w, bias: b, runningMean: mean, runningVariance: variance, momentum: momentum,
      epsilon: epsilon,
      axis: axis)
    x.builder.assign(mean, result.runningMean)
    x.builder.assign(variance, result.runningVariance)
    return result.y
  }
}
