import TributaryOps

/// Runs an operator's kernels outside any graph.
enum Evaluation {
  /// Output `index` of an operator, computed region by region of output 0 (once over all of it when none are given) on
  /// memory that is poisoned first.
  static func run(
    _ op: any Operator, _ inputs: [Tensor], regions: [Region]? = nil, output index: Int = 0,
    inPlace: Int? = nil
  ) throws -> Tensor {
    let types = try op.outputTypes(for: inputs.map(\.type))
    let signature = Signature(inputs: inputs.map(\.type), outputs: types)
    let storages = try types.map { type in
      let storage = TensorStorage(byteCount: type.byteCount)
      for byte in 0..<type.byteCount {
        storage.baseAddress.storeBytes(of: 0xFF, toByteOffset: byte, as: UInt8.self)
      }
      return try Tensor(storage: storage, type: type)
    }
    if let inPlace {
      inputs[inPlace].withUnsafeBytes {
        storages[0].storage.baseAddress.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
      }
    }
    var pointers = inputs.map(\.storage.baseAddress) + storages.map(\.storage.baseAddress)
    if let inPlace { pointers[inPlace] = storages[0].storage.baseAddress }
    for region in regions ?? [Region(whole: types[0].shape)] {
      let kernel = try op.makeKernel(signature, region: region)
      let scratch = TensorStorage(byteCount: op.scratchBytes(signature, region: region))
      let status = pointers.withUnsafeBufferPointer { buffer in
        kernel.body(KernelArguments(pointers: buffer.baseAddress!, scratch: scratch.baseAddress))
      }
      withExtendedLifetime(scratch) {}
      guard status == .success else { throw KernelFault(operatorName: op.name, status: status) }
    }
    withExtendedLifetime(inputs) {}
    return storages[index]
  }

  /// All cuts of a shape along one axis into pieces of at most `length`.
  static func cut(_ shape: Shape, axis: Int, into length: Int) -> [Region] {
    stride(from: 0, to: shape[axis], by: length).map {
      Region(whole: shape).replacing(axis: axis, with: $0..<min($0 + length, shape[axis]))
    }
  }

  /// Numbers between -1 and 1 from a small generator, the same on every run.
  static func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(Float(Double(state >> 40) / Double(1 << 23) - 1))
    }
  }

  /// A tensor of such numbers.
  static func tensor(_ dtype: DType, _ shape: Shape, seed: UInt64) throws -> Tensor {
    let values = numbers(shape.elementCount, seed: seed)
    return dtype == .float32
      ? try Tensor(values.map { Float($0) }, shape: shape) : try Tensor(values, shape: shape)
  }

  /// The elements as doubles.
  static func doubles(_ tensor: Tensor) throws -> [Double] {
    switch tensor.dtype {
    case .float32: try tensor.elements(Float.self).map(Double.init)
    case .float64: try tensor.elements(Double.self)
    case .int32: try tensor.elements(Int32.self).map(Double.init)
    case .int64: try tensor.elements(Int64.self).map(Double.init)
    case .bool: try tensor.elements(Bool.self).map { $0 ? 1 : 0 }
    }
  }
}
