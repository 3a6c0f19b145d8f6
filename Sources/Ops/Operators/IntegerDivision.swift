internal import CKernels

/// The ways to divide integers. The raw value is the name of the operator.
public enum IntegerDivisionFunction: String, Sendable, Hashable, CaseIterable {
  /// ⌊x / z⌋.
  case floorDivide = "floor_divide"
  /// x − z·⌊x / z⌋, which is 0 or has z's sign.
  case remainder
}

/// ⌊x / z⌋ or x − z·⌊x / z⌋, element by element; the shapes are broadcast as in NumPy.
///
/// Both inputs have the output's element type, i32 or i64. The least number divided by −1 wraps around and is itself,
/// with remainder 0. All divisors of a piece are looked at before anything is written; one that is 0 is a fault that
/// gives its place in input 1. Cost: one division an element, in no vector form.
public struct IntegerDivision: ElementwiseOperator, Hashable {
  /// What is computed.
  public let function: IntegerDivisionFunction

  /// An operator that divides.
  public init(_ function: IntegerDivisionFunction) { self.function = function }

  /// The function's name.
  public var name: String { function.rawValue }

  /// The broadcast shape.
  /// - Throws: `ShapeError` when the inputs are not integers of one type, or do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    let dtype = try expectEqualTypes(inputs)
    guard dtype.isInteger else {
      throw ShapeError(
        .dtype,
        "\(name) divides i32 or i64 and was given \(inputs[0]); cast it, or use / on floating-point numbers")
    }
    return [TensorType(dtype, try broadcastShape(inputs))]
  }

  /// A division takes some twenty cycles.
  public func flopsPerElement(_ signature: Signature) -> Double { 20 }

  /// Divisors are looked at when the kernel runs.
  public var canFault: Bool { true }

  /// The function's loop.
  public func loop(_ signature: Signature) -> ElementwiseLoop {
    ElementwiseLoop("integer." + function.rawValue, signature.inputs[0].dtype)
  }

  /// None.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int { 0 }

  /// A search for zeros among the region's divisors, then the loop.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let (dtype, level) = (signature.inputs[0].dtype.code, VectorLevel.current.level)
    guard let divide = ck_find_loop("integer." + function.rawValue, dtype, level),
      let findZero = ck_find_loop("integer.find_zero", dtype, level)
    else { throw ShapeError(.dtype, "\(name) does not take \(signature.inputs[0].dtype) elements") }
    let output = signature.outputs[0].shape
    let divisor = signature.inputs[1].shape
    let nest = VectorKernels.makeNest(
      signature.inputs.map(\.shape) + [output], output: output, region: region, constants: .zero)
    let search = VectorKernels.makeNest(
      [divisor, .scalar], output: divisor, region: inputRegion(1, for: region, signature), constants: .zero)
    return Kernel { arguments in
      var found: Int64 = -1
      withUnsafeMutablePointer(to: &found) { found in
        var operands = (arguments.pointers[1], UnsafeMutableRawPointer(found))
        withUnsafePointer(to: search) { search in
          withUnsafePointer(to: &operands) { operands in
            operands.withMemoryRebound(to: UnsafeMutableRawPointer.self, capacity: 2) {
              ck_run_nest(search, findZero, $0)
            }
          }
        }
      }
      guard found < 0 else { return KernelStatus(.divisionByZero, detail: Int(found)) }
      withUnsafePointer(to: nest) { ck_run_nest($0, divide, arguments.pointers) }
      return .success
    }
  }
}

extension Shape {
  /// The index along every axis of an element that row-major order numbers.
  public func position(of element: Int) -> [Int] {
    zip(strides, self).map { stride, length in element / Swift.max(stride, 1) % Swift.max(length, 1) }
  }
}
