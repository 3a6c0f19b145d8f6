internal import CKernels

/// exp(x - max x) / Σ exp(x - max x) along an axis. A row of -∞ alone gives NaN.
public struct Softmax: NormalizingOperator {
  /// The axis that adds up to one, non-negative.
  public let axis: Int

  /// A softmax along an axis.
  public init(axis: Int) { self.axis = axis }

  /// `softmax`.
  public var name: String { "softmax" }

  /// The input alone.
  public var takesCotangent: Bool { false }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    rows(signature, region: region, logarithm: 0)
  }
}

/// x - max x - log Σ exp(x - max x) along an axis. A row of -∞ alone gives NaN.
public struct LogSoftmax: NormalizingOperator {
  /// The axis whose exponentials add up to one, non-negative.
  public let axis: Int

  /// A logarithm of softmax along an axis.
  public init(axis: Int) { self.axis = axis }

  /// `log_softmax`.
  public var name: String { "log_softmax" }

  /// The input alone.
  public var takesCotangent: Bool { false }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    rows(signature, region: region, logarithm: 1)
  }
}

/// (dy - Σ dy·y)·y along an axis: the gradient of ``Softmax`` from the cotangent dy and the output y.
public struct SoftmaxGradient: NormalizingOperator {
  /// The axis of the softmax.
  public let axis: Int

  /// A gradient along an axis.
  public init(axis: Int) { self.axis = axis }

  /// `softmax_gradient`.
  public var name: String { "softmax_gradient" }

  /// A cotangent of the output comes first.
  public var takesCotangent: Bool { true }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    gradientRows(signature, region: region, logarithm: 0)
  }
}

/// dy - exp(y)·Σ dy along an axis: the gradient of ``LogSoftmax`` from the cotangent dy and the output y.
public struct LogSoftmaxGradient: NormalizingOperator {
  /// The axis of the softmax.
  public let axis: Int

  /// A gradient along an axis.
  public init(axis: Int) { self.axis = axis }

  /// `log_softmax_gradient`.
  public var name: String { "log_softmax_gradient" }

  /// A cotangent of the output comes first.
  public var takesCotangent: Bool { true }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    gradientRows(signature, region: region, logarithm: 1)
  }
}

/// An operator that computes every row along one axis on its own, from inputs of the output's type.
public protocol NormalizingOperator: Operator {
  /// The axis of the rows, non-negative.
  var axis: Int { get }

  /// Whether a cotangent comes before the input: gradients.
  var takesCotangent: Bool { get }
}

extension NormalizingOperator {
  /// The axis.
  public var attributes: [Attribute] { [Attribute("axis", axis)] }

  /// The input's type.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: takesCotangent ? 2 : 1)
    try expectFloatingPoint(inputs[0])
    guard axis >= 0, axis < inputs[0].rank else {
      throw ShapeError(
        .axis, "\(name): axis \(axis) does not exist in \(inputs[0]), which has \(inputs[0].rank) axes")
    }
    if takesCotangent, inputs[1] != inputs[0] {
      throw ShapeError(
        .dimension, "\(name): the cotangent is \(inputs[0]) and must be of the output's type, \(inputs[1])")
    }
    return [inputs[0]]
  }

  /// An exponential counts as ten operations.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 14) }

  /// Every axis but that of the rows.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits(except: axis)
  }

  /// The same region.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region { region }

  /// Every input: rows are read before they are written.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { true }

  /// The kernel that calls `body` for every box of a region's rows, with the arguments and the box's offset in bytes.
  private func kernel(
    _ signature: Signature, region: Region,
    _ body:
      @escaping @Sendable (
        ck_level, ck_dtype, UnsafePointer<ck_softmax_box>, KernelArguments, _ offset: Int
      ) -> Void
  ) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let output = signature.outputs[0]
    let loops = RowLoops(output.shape, axis: axis, region: region)
    let (level, dtype, bytes) = (VectorLevel.current.level, output.dtype.code, output.dtype.byteCount)
    return Kernel { arguments in
      loops.forEachBox { box, offset in body(level, dtype, box, arguments, offset * bytes) }
      return .success
    }
  }

  fileprivate func rows(_ signature: Signature, region: Region, logarithm: Int32) -> Kernel {
    kernel(signature, region: region) { level, dtype, box, arguments, offset in
      ck_softmax(
        level, dtype, logarithm, box, arguments.pointers[0] + offset, arguments.pointers[1] + offset)
    }
  }

  fileprivate func gradientRows(_ signature: Signature, region: Region, logarithm: Int32) -> Kernel {
    kernel(signature, region: region) { level, dtype, box, arguments, offset in
      ck_softmax_gradient(
        level, dtype, logarithm, box, arguments.pointers[0] + offset, arguments.pointers[1] + offset,
        arguments.pointers[2] + offset)
    }
  }
}
