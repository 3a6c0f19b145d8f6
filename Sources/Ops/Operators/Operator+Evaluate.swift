extension Operator {
  /// Applies the operator to tensors, here and now, on the calling thread.
  /// - Throws: `ShapeError` when the inputs do not fit; ``KernelFault`` when a value is not allowed.
  public func evaluate(on inputs: [Tensor]) throws -> [Tensor] {
    let signature = try signature(for: inputs)
    return try evaluate(on: inputs, pieces: [Region(whole: signature.outputs[0].shape)])
  }

  /// Applies the operator piece by piece; the pieces, regions of output 0, must cover it.
  /// - Throws: `ShapeError` when the inputs do not fit; ``KernelFault`` when a value is not allowed.
  public func evaluate(on inputs: [Tensor], pieces: [Region]) throws -> [Tensor] {
    let signature = try signature(for: inputs)
    let outputs = signature.outputs.map { TensorStorage(byteCount: $0.byteCount) }
    try run(signature, inputs: inputs.map(\.storage), outputs: outputs, pieces: pieces)
    var results: [Tensor] = []
    for (storage, type) in zip(outputs, signature.outputs) {
      results.append(try Tensor(storage: storage, type: type))
    }
    return results
  }

  /// The types at the use of the operator on these tensors.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func signature(for inputs: [Tensor]) throws(ShapeError) -> Signature {
    let types = inputs.map(\.type)
    return Signature(inputs: types, outputs: try outputTypes(for: types))
  }

  /// Runs the kernels of some regions of output 0 over given bytes.
  /// - Throws: `ShapeError` when no kernel exists; ``KernelFault`` when a value is not allowed.
  func run(_ signature: Signature, inputs: [TensorStorage], outputs: [TensorStorage], pieces: [Region]) throws
  {
    let pointers = (inputs + outputs).map(\.baseAddress)
    for region in pieces {
      let kernel = try makeKernel(signature, region: region)
      let scratch = TensorStorage(byteCount: scratchBytes(signature, region: region), zeroed: false)
      let status = pointers.withUnsafeBufferPointer { buffer in
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: buffer.count + 1) { copy in
          for (index, pointer) in buffer.enumerated() { copy.initializeElement(at: index, to: pointer) }
          return kernel.body(
            KernelArguments(pointers: UnsafePointer(copy.baseAddress!), scratch: scratch.baseAddress))
        }
      }
      withExtendedLifetime((inputs, outputs, scratch)) {}
      guard status == .success else { throw KernelFault(operatorName: name, status: status) }
    }
  }
}

/// A kernel's refusal: a value among the inputs is not allowed, or a library failed.
public struct KernelFault: Error, Sendable, Equatable {
  /// The operator's name.
  public let operatorName: String

  /// How the kernel's call ended.
  public let status: KernelStatus

  /// A refusal from its parts.
  public init(operatorName: String, status: KernelStatus) {
    self.operatorName = operatorName
    self.status = status
  }
}

extension KernelFault: CustomStringConvertible {
  /// What happened, and with which value.
  public var description: String {
    switch status.code {
    case .success: "\(operatorName) succeeded"
    case .indexOutOfRange: "\(operatorName): the index \(status.detail) is out of range; nothing was written"
    case .libraryFailure: "\(operatorName): a library call failed with code \(status.detail)"
    case .divisionByZero:
      "\(operatorName): element \(status.detail) of the divisor, in row-major order, is 0; nothing was written"
    case .notFinite: "\(operatorName): input \(status.detail) holds a value that is NaN or infinite"
    }
  }
}
