internal import TributaryOps

extension Tensor {
  /// A tensor over storage that was made for its type.
  init(_ storage: TensorStorage, _ type: TensorType) {
    do {
      try self.init(storage: storage, type: type)
    } catch {
      preconditionFailure("storage made for \(type) does not fit it: \(error)")
    }
  }
}
