internal import TributaryOps

extension StateDescriptor {
  /// The first value in a store with a seed.
  /// - Throws: `RunError` with code `wrongShape` or `wrongType` when the initializer does not suit the type.
  func initialValue(seed: UInt64) throws(RunError) -> Tensor {
    let storage = TensorStorage(byteCount: type.byteCount, zeroed: false)
    try writeInitialValue(seed: seed, to: storage.baseAddress)
    return Tensor(storage, type)
  }

  /// The same, written to where it is to be.
  /// - Throws: `RunError` as ``initialValue(seed:)``; the bytes are undefined then.
  func writeInitialValue(seed: UInt64, to target: UnsafeMutableRawPointer) throws(RunError) {
    do {
      try type.shape.validate()
      try initial.write(type, seed: seed, stream: stream, to: target)
    } catch {
      throw RunError(
        error.code == .attribute ? .wrongType : .wrongShape,
        "state '\(name)' \(type) cannot be initialised: \(error.message)")
    }
  }

  /// Whether the initializer suits the type: always, but for given values and for integers.
  func checkInitial() throws(RunError) {
    if case .values = initial { return _ = try initialValue(seed: 0) }
    if !type.dtype.isFloatingPoint { _ = try initialValue(seed: 0) }
  }

  /// A number that depends on the name alone: FNV-1a (Fowler, Noll, Vo) on 64 bits.
  private var stream: UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }
}
