internal import CKernels

/// The sum of any number of tensors of one type, from left to right: ((x₀ + x₁) + x₂) + …, in place into x₀ if wanted.
///
/// It merges the contributions to a gradient; the order of additions is the order of the inputs. One pass over memory.
public struct Accumulate: ElementwiseOperator, Hashable {
  /// The operator.
  public init() {}

  /// `accumulate`.
  public var name: String { "accumulate" }

  /// The type of the inputs.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard let first = inputs.first else {
      throw ShapeError(.arity, "accumulate takes at least one input; none was given")
    }
    try expectNumbers(first)
    for (index, input) in inputs.enumerated() {
      try expect(input, toBe: first, "input \(index), like input 0")
    }
    return [first]
  }

  /// One addition for each input after the first.
  public func flopsPerElement(_ signature: Signature) -> Double { Double(signature.inputs.count - 1) }

  /// Input 0 alone, since the others are read after the output has been written.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { input == 0 }

  /// A sum of as many inputs as there are.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop(
      "accumulate", signature.inputs[0].dtype, constants: [Double(signature.inputs.count), 0, 0, 0])
  }

  /// The loop over the place of input 0; all operands lie alike.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let alike = Signature(inputs: [], outputs: signature.outputs)
    return try VectorKernels.elementwise(loop(signature), operator: name, alike, region: region)
  }
}

/// Whether every element of every input is finite: a scalar bool that is true, or a fault that names the first input
/// with a NaN or an infinity. Inputs f32 or f64 of any shapes.
public struct CheckFinite: Operator, Hashable {
  /// The operator.
  public init() {}

  /// `check_finite`.
  public var name: String { "check_finite" }

  /// A scalar bool.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard !inputs.isEmpty else {
      throw ShapeError(.arity, "check_finite takes at least one input; none was given")
    }
    for input in inputs { try expectFloatingPoint(input) }
    return [TensorType(.bool, .scalar)]
  }

  /// One test for each element.
  public func cost(_ signature: Signature) -> Cost {
    let elements = signature.inputs.reduce(0) { $0 + $1.elementCount }
    let bytes = signature.inputs.reduce(0) { $0 + $1.byteCount }
    return Cost(flops: Double(elements), bytesRead: Double(bytes), bytesWritten: 1)
  }

  /// A value decides.
  public var canFault: Bool { true }

  /// A loop in C over each input.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    var scans: [FiniteScan] = []
    for (index, input) in signature.inputs.enumerated() {
      guard let loop = ck_find_loop("all_finite", input.dtype.code, VectorLevel.current.level) else {
        throw ShapeError(.dtype, "check_finite does not take \(input.dtype) elements; cast input \(index)")
      }
      var span = ck_span()
      span.rows = 1
      span.n = input.elementCount
      scans.append(FiniteScan(loop: loop, span: span))
    }
    let list = FiniteScanList(scans)
    return Kernel { list.run($0) }
  }
}

private struct FiniteScan {
  var loop: ck_loop
  var span: ck_span
}

/// The scans of one kernel, read in place.
///
/// SAFETY: `@unchecked Sendable` since the buffer is written by the initializer only and lives as long as the object.
private final class FiniteScanList: @unchecked Sendable {
  private let scans: UnsafeMutableBufferPointer<FiniteScan>

  init(_ list: [FiniteScan]) {
    scans = .allocate(capacity: list.count)
    _ = scans.initialize(from: list)
  }

  deinit { scans.deallocate() }

  func run(_ arguments: KernelArguments) -> KernelStatus {
    let result = arguments.pointers[scans.count]
    for index in 0..<scans.count {
      withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: 2) { operands in
        operands.initializeElement(at: 0, to: arguments.pointers[index])
        operands.initializeElement(at: 1, to: result)
        scans[index].loop(&scans[index].span, operands.baseAddress!)
      }
      if !result.load(as: Bool.self) { return KernelStatus(.notFinite, detail: index) }
    }
    return .success
  }
}
