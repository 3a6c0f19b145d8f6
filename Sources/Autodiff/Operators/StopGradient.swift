public import TributaryOps

/// The same value, through which nothing is differentiated. Costs nothing when the graph runs.
public func stopGradient(_ x: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  x.builder.emit(StopGradient(), [x], SourceSite(file, line))
}

/// Hands on its operand and ends differentiation. A view: it costs nothing, and passes take it out of a graph.
public struct StopGradient: Operator {
  /// The operator.
  public init() {}

  /// `stop_gradient`.
  public var name: String { "stop_gradient" }

  /// The operand's type.
  /// - Throws: `ShapeError` when there is not exactly one operand.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard inputs.count == 1 else {
      throw ShapeError(.arity, "stop_gradient takes one operand; \(inputs.count) were given")
    }
    return inputs
  }

  /// Reads and writes every element once, where it is not taken as the view that it is.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 0) }

  /// The same region.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region { region }

  /// Always.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { true }

  /// The whole operand.
  public func viewOffset(_ signature: Signature) -> Int? { 0 }

  /// Copies the region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let shape = signature.outputs[0].shape
    let width = signature.outputs[0].dtype.byteCount
    return Kernel { arguments in
      let source = UnsafeRawPointer(arguments.pointers[0])
      let target = arguments.pointers[1]
      region.forEachRun(in: shape) { offset, length in
        (target + offset * width).copyMemory(from: source + offset * width, byteCount: length * width)
      }
      return .success
    }
  }
}
