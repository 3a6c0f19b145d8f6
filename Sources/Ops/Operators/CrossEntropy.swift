internal import CKernels

/// How the losses of single positions become one.
public enum Reduction: String, Sendable, Hashable, CaseIterable {
  /// One loss for every position.
  case none
  /// Their sum divided by the number of positions that are not ignored.
  case mean
  /// Their sum.
  case sum
}

/// The cross entropy between logits [N, C, ...] and class numbers [N, ...], in one pass over the logits.
///
/// The target of a position is (1 - s)·onehot + s / C with s the label smoothing. Positions whose class number is
/// `ignoreIndex` count for nothing. Sums are kept in double and added in order of position. The output is a scalar, or
/// [N, ...] without a reduction. A class number out of range is a fault.
public struct CrossEntropy: Operator {
  private let loss: EntropyLoss

  /// How the losses become one.
  public var reduction: Reduction { loss.reduction }

  /// The class number that marks positions to leave out.
  public var ignoreIndex: Int? { loss.ignoreIndex }

  /// How much of the target is spread evenly over the classes, 0 ... 1.
  public var labelSmoothing: Double { loss.labelSmoothing }

  /// A loss with its attributes.
  public init(reduction: Reduction = .mean, ignoreIndex: Int? = nil, labelSmoothing: Double = 0) {
    loss = EntropyLoss(reduction: reduction, ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing)
  }

  /// `cross_entropy`.
  public var name: String { "cross_entropy" }

  /// What the operator was made with.
  public var attributes: [Attribute] { loss.attributes }

  /// A scalar, or the shape of the class numbers.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    try loss.check(logits: inputs[0], classes: inputs[1], operator: self)
    return [TensorType(inputs[0].dtype, reduction == .none ? inputs[1].shape : .scalar)]
  }

  /// An exponential counts as ten operations.
  public func cost(_ signature: Signature) -> Cost {
    Cost(
      flops: 12 * Double(signature.inputs[0].elementCount),
      bytesRead: Double(signature.inputs[0].byteCount + signature.inputs[1].byteCount),
      bytesWritten: Double(signature.outputs[0].byteCount))
  }

  /// The batch, where there is no reduction.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    reduction == .none && signature.outputs[0].shape[0] > 1 ? [SplitAxis(0)] : []
  }

  /// The same part of the batch.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let whole = Region(whole: signature.inputs[index].shape)
    return reduction == .none ? whole.replacing(axis: 0, with: region[0]) : whole
  }

  /// Class numbers are checked when the kernel runs.
  public var canFault: Bool { true }

  /// The kernel of a part of the batch.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let batch = reduction == .none ? region[0] : 0..<signature.inputs[0].shape[0]
    let entropy = loss.parameters(signature.inputs[0], signature.inputs[1], batch: batch)
    let (level, dtype) = (VectorLevel.current.level, signature.outputs[0].dtype)
    let (each, mean) = (reduction == .none, reduction == .mean)
    return Kernel { arguments in
      withUnsafePointer(to: entropy) { entropy in
        let (logits, numbers, output) = (arguments.pointers[0], arguments.pointers[1], arguments.pointers[2])
        let inner = entropy.pointee.inner
        var bad: Int64 = 0
        let kept = ck_entropy_check(
          entropy, numbers, entropy.pointee.begin * inner, entropy.pointee.end * inner, &bad)
        guard kept >= 0 else { return KernelStatus(.indexOutOfRange, detail: Int(bad)) }
        let total = ck_entropy_loss(
          level, dtype.code, entropy, logits, numbers, each ? output : nil)
        if each { return .success }
        let loss = mean ? total / Double(kept) : total
        if dtype == .float32 {
          output.storeBytes(of: Float(loss), as: Float.self)
        } else {
          output.storeBytes(of: loss, as: Double.self)
        }
        return .success
      }
    }
  }
}

/// The gradient of ``CrossEntropy`` by the logits, from the cotangent of its output, the logits and the class numbers:
/// g·(softmax - target), where g is the cotangent, divided by the number of positions kept for a mean.
public struct CrossEntropyGradient: Operator {
  private let loss: EntropyLoss

  /// The reduction of the loss.
  public var reduction: Reduction { loss.reduction }

  /// The class number that marks positions to leave out; their gradient is zero.
  public var ignoreIndex: Int? { loss.ignoreIndex }

  /// The label smoothing of the loss.
  public var labelSmoothing: Double { loss.labelSmoothing }

  /// The gradient of the loss with the same attributes.
  public init(reduction: Reduction = .mean, ignoreIndex: Int? = nil, labelSmoothing: Double = 0) {
    loss = EntropyLoss(reduction: reduction, ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing)
  }

  /// `cross_entropy_gradient`.
  public var name: String { "cross_entropy_gradient" }

  /// What the operator was made with.
  public var attributes: [Attribute] { loss.attributes }

  /// The type of the logits.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 3)
    try loss.check(logits: inputs[1], classes: inputs[2], operator: self)
    let expected = TensorType(inputs[1].dtype, reduction == .none ? inputs[2].shape : .scalar)
    guard inputs[0] == expected else {
      throw ShapeError(.dimension, "\(name): the cotangent is \(inputs[0]) and must be \(expected)")
    }
    return [inputs[1]]
  }

  /// An exponential counts as ten operations.
  public func cost(_ signature: Signature) -> Cost {
    Cost(
      flops: 14 * Double(signature.inputs[1].elementCount),
      bytesRead: Double(signature.inputs.reduce(0) { $0 + $1.byteCount }),
      bytesWritten: Double(signature.outputs[0].byteCount))
  }

  /// The batch.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape[0] > 1 ? [SplitAxis(0)] : []
  }

  /// The same part of the batch; all class numbers where a mean counts those that are not ignored.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let whole = Region(whole: signature.inputs[index].shape)
    switch index {
    case 0: return reduction == .none ? whole.replacing(axis: 0, with: region[0]) : whole
    case 1: return whole.replacing(axis: 0, with: region[0])
    default: return countsAll ? whole : whole.replacing(axis: 0, with: region[0])
    }
  }

  private var countsAll: Bool { reduction == .mean && ignoreIndex != nil }

  /// The logits.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { input == 1 }

  /// Class numbers are checked when the kernel runs.
  public var canFault: Bool { true }

  /// The kernel of a part of the batch.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let entropy = loss.parameters(signature.inputs[1], signature.inputs[2], batch: region[0])
    let (level, dtype) = (VectorLevel.current.level, signature.outputs[0].dtype.code)
    let (countsAll, mean, each) = (countsAll, reduction == .mean, reduction == .none)
    let positions = signature.inputs[2].elementCount
    return Kernel { arguments in
      withUnsafePointer(to: entropy) { entropy in
        let numbers = arguments.pointers[2]
        let inner = entropy.pointee.inner
        let checked = countsAll ? 0..<positions : entropy.pointee.begin * inner..<entropy.pointee.end * inner
        var bad: Int64 = 0
        let kept = ck_entropy_check(entropy, numbers, checked.lowerBound, checked.upperBound, &bad)
        guard kept >= 0 else { return KernelStatus(.indexOutOfRange, detail: Int(bad)) }
        let scale = mean ? 1 / Double(countsAll ? kept : positions) : 1
        ck_entropy_gradient(
          level, dtype, entropy, arguments.pointers[0], each ? 1 : 0, scale, arguments.pointers[1], numbers,
          arguments.pointers[3])
        return .success
      }
    }
  }
}
