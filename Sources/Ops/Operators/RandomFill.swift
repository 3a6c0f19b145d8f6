internal import CKernels

/// What random numbers are spread like.
public enum RandomDistribution: Hashable, Sendable {
  /// Evenly over low ..< high.
  case uniform(low: Double, high: Double)
  /// Normal with a mean and a standard deviation.
  case normal(mean: Double, deviation: Double)
}

extension RandomDistribution: CustomStringConvertible {
  /// `uniform(0.0, 1.0)`.
  public var description: String {
    switch self {
    case .uniform(let low, let high): "uniform(\(low), \(high))"
    case .normal(let mean, let deviation): "normal(\(mean), \(deviation))"
    }
  }
}

/// A tensor of random numbers: a function of (seed, stream, step, element) alone, so that the same numbers come at every
/// thread count, however the work is cut, and on every machine. One input, the step: an i64 scalar.
///
/// The block of (step, stream) under the seed is the key and the stream of a generator (``Philox4x32``), and element e
/// in row-major order is that generator's element e. Numbers are drawn in f64 and rounded once, so that the f32 tensor
/// is the f64 tensor rounded (a uniform number stays below the upper bound). f32 and f64.
public struct RandomFill: Operator, Hashable {
  /// The type of the output.
  public let type: TensorType

  /// What the numbers are spread like.
  public let distribution: RandomDistribution

  /// The seed.
  public let seed: UInt64

  /// The number that tells random operators of one seed apart.
  public let stream: UInt64

  /// A tensor of random numbers.
  public init(type: TensorType, distribution: RandomDistribution, seed: UInt64, stream: UInt64) {
    self.type = type
    self.distribution = distribution
    self.seed = seed
    self.stream = stream
  }

  /// `random`.
  public var name: String { "random" }

  /// What the operator was made with.
  public var attributes: [Attribute] {
    [
      Attribute("type", type), Attribute("distribution", distribution), Attribute("seed", seed),
      Attribute("stream", stream),
    ]
  }

  /// The type.
  /// - Throws: `ShapeError` when the type is not floating-point, or the distribution is impossible.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expect(inputs[0], toBe: TensorType(.int64, .scalar), "the step")
    try type.shape.validate()
    try expectFloatingPoint(type)
    switch distribution {
    case .uniform(let low, let high):
      guard fits(low), fits(high), low <= high, fits(high - low) else {
        throw ShapeError(
          .attribute, "random: \(distribution) needs bounds that \(type.dtype) can hold, the lower one first")
      }
    case .normal(let mean, let deviation):
      guard fits(mean), fits(deviation), deviation >= 0 else {
        throw ShapeError(
          .attribute,
          "random: \(distribution) needs a mean and a deviation that \(type.dtype) can hold, the latter not negative"
        )
      }
    }
    return [type]
  }

  private func fits(_ number: Double) -> Bool {
    type.dtype == .float32 ? Float(number).isFinite : number.isFinite
  }

  /// Half a block for each element, and for normal ones a logarithm, a root, a sine and a cosine.
  public func cost(_ signature: Signature) -> Cost {
    if case .normal = distribution { return .streaming(signature, flopsPerElement: 120) }
    return .streaming(signature, flopsPerElement: 40)
  }

  /// Every axis longer than 1.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] { RandomRegion.splitAxes(signature) }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let place = RandomRegion.make(type.shape, region, seed: seed, stream: stream)
    let (level, dtype) = (VectorLevel.current.level, type.dtype.code)
    let (kind, a, b): (ck_distribution, Double, Double)
    switch distribution {
    case .uniform(let low, let high): (kind, a, b) = (CK_UNIFORM, low, high)
    case .normal(let mean, let deviation): (kind, a, b) = (CK_NORMAL, mean, deviation)
    }
    return Kernel { arguments in
      let step = arguments.pointer(0, as: Int64.self).pointee
      withUnsafePointer(to: place) {
        ck_random_fill(level, dtype, $0, step, kind, a, b, arguments.pointers[1])
      }
      return .success
    }
  }
}

/// What operators with random numbers share.
enum RandomRegion {
  /// Every axis longer than 1, the outermost first.
  static func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits(minimum: 64)
  }

  /// A region, not empty, as runs of adjacent elements.
  static func make(_ shape: Shape, _ region: Region, seed: UInt64, stream: UInt64) -> ck_random_region {
    let layout = LoopAxes(operands: [shape], output: shape, region: region)
    var result = ck_random_region()
    result.seed = seed
    result.stream = stream
    result.first = layout.base[0]
    result.length = layout.axes.last?.count ?? 1
    for axis in layout.axes.dropLast() { ck_random_axis(&result, axis.count, axis.strides[0]) }
    return result
  }
}
